/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

static struct fault armed;
static int counted, met,
	number; /* number: errno of the last fault; like errno, it is never reset */
static bool halve;
static sqlite3_vfs *system_vfs, faulty;

struct file {
	sqlite3_file base;
	sqlite3_file *real; /* directly after this struct */
};

/* clang-format off */
const char *const fault_call_names[FAULT_CALL_COUNT] = {
	[FAULT_NONE]     = "none",
	[FAULT_OPEN]     = "open",
	[FAULT_DELETE]   = "delete",
	[FAULT_ACCESS]   = "access",
	[FAULT_PATH]     = "path",
	[FAULT_READ]     = "read",
	[FAULT_WRITE]    = "write",
	[FAULT_TRUNCATE] = "truncate",
	[FAULT_SYNC]     = "sync",
	[FAULT_SIZE]     = "size",
	[FAULT_LOCK]     = "lock",
	[FAULT_UNLOCK]   = "unlock",
	[FAULT_RESERVED] = "reserved",
	[FAULT_SHM_MAP]  = "shm-map",
	[FAULT_SHM_LOCK] = "shm-lock",
	[FAULT_LIBC]     = "libc",
};

const char *const fault_how_names[FAULT_HOW_COUNT] = {
	[FAULT_ERROR]    = "error",
	[FAULT_NO_SPACE] = "no space",
	[FAULT_SHORT]    = "short",
	[FAULT_BUSY]     = "busy",
	[FAULT_DEATH]    = "death",
};

/*
 * What SQLite's own VFS returns then; 0 where it never would. Short transfers are done elsewhere.
 */
static const int codes[FAULT_CALL_COUNT][FAULT_DEATH] = {
	[FAULT_OPEN]     = { SQLITE_CANTOPEN, SQLITE_CANTOPEN, 0, 0 },
	[FAULT_DELETE]   = { SQLITE_IOERR_DELETE, 0, 0, 0 },
	[FAULT_ACCESS]   = { SQLITE_IOERR_ACCESS, 0, 0, 0 },
	[FAULT_PATH]     = { SQLITE_CANTOPEN, 0, 0, 0 },
	[FAULT_READ]     = { SQLITE_IOERR_READ, 0, SQLITE_IOERR_SHORT_READ, 0 },
	[FAULT_WRITE]    = { SQLITE_IOERR_WRITE, SQLITE_FULL, SQLITE_FULL, 0 },
	[FAULT_TRUNCATE] = { SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_TRUNCATE, 0, 0 },
	[FAULT_SYNC]     = { SQLITE_IOERR_FSYNC, SQLITE_IOERR_FSYNC, 0, 0 },
	[FAULT_SIZE]     = { SQLITE_IOERR_FSTAT, 0, 0, 0 },
	[FAULT_LOCK]     = { SQLITE_IOERR_LOCK, 0, 0, SQLITE_BUSY },
	[FAULT_UNLOCK]   = { SQLITE_IOERR_UNLOCK, 0, 0, 0 },
	[FAULT_RESERVED] = { SQLITE_IOERR_CHECKRESERVEDLOCK, 0, 0, 0 },
	[FAULT_SHM_MAP]  = { SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMSIZE, 0, SQLITE_BUSY },
	[FAULT_SHM_LOCK] = { SQLITE_IOERR_SHMLOCK, 0, 0, SQLITE_BUSY },
	[FAULT_LIBC]     = { -1, -1, 0, 0 },
};
/* clang-format on */

bool fault_makes_sense(enum fault_call call, enum fault_how how)
{
	return call != FAULT_NONE && (how == FAULT_DEATH || codes[call][how]);
}

int fault_met(void)
{
	return met;
}

bool fault_meets(enum fault_call call)
{
	if (call != armed.call)
		return false;
	counted++;
	if (armed.lasting ? counted < armed.at : counted != armed.at)
		return false;
	if (armed.how == FAULT_DEATH)
		_exit(FAULT_DEATH_CODE);
	met++;
	number = armed.how == FAULT_NO_SPACE || armed.how == FAULT_SHORT ? ENOSPC : EIO;
	errno = number;
	return true;
}

/* The code that the call must return, or 0 to carry it out. */
static int failure(enum fault_call call)
{
	return fault_meets(call) ? codes[call][armed.how] : SQLITE_OK;
}

static sqlite3_file *real(sqlite3_file *file)
{
	return ((struct file *)file)->real;
}

static int close_file(sqlite3_file *file)
{
	return real(file)->pMethods->xClose(real(file));
}

/* The system may read less than was asked for, and must then be asked again. */
static ssize_t read_some(int fd, void *data, size_t size, off_t at)
{
	return pread(fd, data, halve && size > 1 ? size / 2 : size, at);
}

static int read_file(sqlite3_file *file, void *data, int size, sqlite3_int64 at)
{
	int code = failure(FAULT_READ);

	halve = code && armed.how == FAULT_SHORT;
	if (!code || halve)
		code = real(file)->pMethods->xRead(real(file), data, size, at);
	halve = false;
	return code;
}

static int write_file(sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
	int code = failure(FAULT_WRITE);

	if (code && armed.how == FAULT_SHORT)
		(void)real(file)->pMethods->xWrite(real(file), data, size / 2, at);
	return code ? code : real(file)->pMethods->xWrite(real(file), data, size, at);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
	int code = failure(FAULT_TRUNCATE);

	return code ? code : real(file)->pMethods->xTruncate(real(file), size);
}

static int sync_file(sqlite3_file *file, int flags)
{
	(void)file, (void)flags;
	return failure(FAULT_SYNC);
}

static int size_of_file(sqlite3_file *file, sqlite3_int64 *ret)
{
	int code = failure(FAULT_SIZE);

	return code ? code : real(file)->pMethods->xFileSize(real(file), ret);
}

static int lock_file(sqlite3_file *file, int level)
{
	int code = failure(FAULT_LOCK);

	return code ? code : real(file)->pMethods->xLock(real(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
	int code = failure(FAULT_UNLOCK);

	return code ? code : real(file)->pMethods->xUnlock(real(file), level);
}

static int is_reserved(sqlite3_file *file, int *ret)
{
	int code = failure(FAULT_RESERVED);

	return code ? code : real(file)->pMethods->xCheckReservedLock(real(file), ret);
}

static int control(sqlite3_file *file, int what, void *argument)
{
	return real(file)->pMethods->xFileControl(real(file), what, argument);
}

static int sector_size(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int characteristics(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int map_shm(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
	int code = failure(FAULT_SHM_MAP);

	return code ? code : real(file)->pMethods->xShmMap(real(file), page, size, extend, ret);
}

static int lock_shm(sqlite3_file *file, int offset, int count, int flags)
{
	/* Releasing a lock cannot fail, and nobody would be told. */
	int code = flags & SQLITE_SHM_LOCK ? failure(FAULT_SHM_LOCK) : SQLITE_OK;

	return code ? code : real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void barrier_shm(sqlite3_file *file)
{
	real(file)->pMethods->xShmBarrier(real(file));
}

static int unmap_shm(sqlite3_file *file, int delete)
{
	return real(file)->pMethods->xShmUnmap(real(file), delete);
}

/* Version 2 does not map the database itself, so every read is a call. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = close_file,
	.xRead = read_file,
	.xWrite = write_file,
	.xTruncate = truncate_file,
	.xSync = sync_file,
	.xFileSize = size_of_file,
	.xLock = lock_file,
	.xUnlock = unlock_file,
	.xCheckReservedLock = is_reserved,
	.xFileControl = control,
	.xSectorSize = sector_size,
	.xDeviceCharacteristics = characteristics,
	.xShmMap = map_shm,
	.xShmLock = lock_shm,
	.xShmBarrier = barrier_shm,
	.xShmUnmap = unmap_shm,
};

static int open_file(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *ret, int flags, int *ret_flags)
{
	struct file *file = (struct file *)ret;
	int code = failure(FAULT_OPEN);

	(void)vfs;
	file->base.pMethods = NULL;
	file->real = (sqlite3_file *)(file + 1);
	if (!code)
		code = system_vfs->xOpen(system_vfs, name, file->real, flags, ret_flags);
	if (!code)
		file->base.pMethods = &methods;
	return code;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int sync)
{
	int code = failure(FAULT_DELETE);

	(void)vfs, (void)sync;
	return code ? code : system_vfs->xDelete(system_vfs, name, 0);
}

static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	int code = failure(FAULT_ACCESS);

	(void)vfs;
	return code ? code : system_vfs->xAccess(system_vfs, name, flags, ret);
}

static int full_path(sqlite3_vfs *vfs, const char *name, int size, char *ret)
{
	int code = failure(FAULT_PATH);

	(void)vfs;
	return code ? code : system_vfs->xFullPathname(system_vfs, name, size, ret);
}

static int sleep_at_once(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

static int last_error(sqlite3_vfs *vfs, int size, char *text)
{
	(void)vfs;
	return number ? number : system_vfs->xGetLastError(system_vfs, size, text);
}

void fault_install(const struct fault *fault)
{
	system_vfs = sqlite3_vfs_find(NULL);
	faulty = *system_vfs;
	faulty.zName = "faulty";
	faulty.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
	faulty.xOpen = open_file;
	faulty.xDelete = delete_file;
	faulty.xAccess = access_file;
	faulty.xFullPathname = full_path;
	faulty.xSleep = sleep_at_once;
	faulty.xGetLastError = last_error;
	if (sqlite3_vfs_register(&faulty, 1) != SQLITE_OK)
		abort();
	for (const char *const *name = (const char *const[]){ "pread", "pread64", NULL }; *name;
		name++)
		(void)system_vfs->xSetSystemCall(system_vfs, *name, (sqlite3_syscall_ptr)read_some);
	armed = *fault;
	counted = met = 0;
}
