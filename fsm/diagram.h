/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine as a picture and as a page: drawn from the same rows that run. PUT takes one piece of
 * text after the other, with CONTEXT; the pieces in order make the document.
 */
#ifndef FSM_DIAGRAM_H
#define FSM_DIAGRAM_H

#include "fsm/fsm.h"

/*
 * The picture shows the four states and the ways that a unit usually takes between them; all of the
 * transitions are in the page. Each arrow is a transition of the table: where it leads is read there.
 */

/* Graphviz, for dot(1); the state HERE is marked (FSM_STATE_COUNT marks none). */
void fsm_diagram(enum fsm_state here, void (*put)(const char *text, void *context), void *context);

/* The same for Mermaid, which code hosts show in a README. */
void fsm_mermaid(void (*put)(const char *text, void *context), void *context);

/* Markdown: all tables (tables.c). */
void fsm_tables(void (*put)(const char *text, void *context), void *context);

/* The last of them alone: the pauses. */
void fsm_pauses(void (*put)(const char *text, void *context), void *context);

#endif
