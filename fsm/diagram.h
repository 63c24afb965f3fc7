/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table as a picture and as a page: drawn from the same rows that run. PUT takes one piece of
 * text after the other, with CONTEXT; the pieces in order make the document.
 */
#ifndef FSM_DIAGRAM_H
#define FSM_DIAGRAM_H

#include "fsm/fsm.h"

/* Graphviz, for dot(1); the state HERE is marked (FSM_STATE_COUNT marks none). */
void fsm_diagram(enum fsm_state here, void (*put)(const char *text, void *context), void *context);

/* The same for Mermaid, which code hosts show in a README. */
void fsm_mermaid(void (*put)(const char *text, void *context), void *context);

/* Markdown: states, events in their precedence, effects, and the whole table. */
void fsm_tables(void (*put)(const char *text, void *context), void *context);

#endif
