/*
 * What the checks of the interface have in common: see interface.c.
 */
#ifndef INTERFACE_H
#define INTERFACE_H

#define _POSIX_C_SOURCE 200809L

#include "layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names what does not hold, and ends the program. */
#define CHECK(fact)                                                           \
    ((fact) ? (void) 0 : check_failed(__FILE__, __LINE__, #fact))

#define CROWD  50

typedef enum {
    PROVIDER_GONE,                    /* refuses connections */
    PROVIDER_SLOW,                    /* fails after half a second */
    PROVIDER_SILENT                   /* takes connections, never answers */
} provider_kind;

typedef enum {
    DECIDED_AT_ONCE,                  /* refused for want of a token */
    NEEDS_THE_PROVIDER                /* a login, for want of metadata */
} request_kind;

/* interface.c */

void check_failed(const char *file, int line, const char *fact);
cloakroom_str text(const char *s);
int same(cloakroom_str value, const char *s);
cloakroom_config *make_config(provider_kind kind);
cloakroom_engine *make_engine(provider_kind kind);
cloakroom_request_info describe(request_kind kind);
cloakroom_request *start(cloakroom_engine *engine, request_kind kind);
void await_decision(cloakroom_request *request);

/* contract.c: single calls */

void version_is_the_headers(void);
void null_handles_are_answered(void);
void statuses_have_names(void);
void failed_calls_write_nothing_out(void);
void errors_tell_and_fit(void);
void struct_size_is_checked(void);

/* slices.c: what comes in and goes out */

void slices_may_be_absent_or_empty(void);
void impossible_slices_are_misuse(void);
void long_slices_are_decided(void);
void header_fields_are_limited(void);
void answers_stay_unmoved(void);

/* life.c: what exists when */

void nothing_exists_before_the_engine(void);
void an_engine_is_there_in_10_ms(void);
void nothing_is_left_after_the_engine(void);
void signal_handlers_stay(void);
void threads_block_all_signals(void);
void descriptors_close_on_exec(void);
void a_forked_child_has_its_own_engine(void);
void requests_outlive_their_engine(void);

/* requests.c: how decisions reach the host */

void undecided_requests_may_be_freed(void);
void each_decision_comes_once(void);
void a_request_waited_for_does_not_come_back(void);
void two_engines_share_nothing(void);
void an_engine_serves_several_threads(void);
void call_from_threads(cloakroom_engine *engine);
void log_lines_come_on_the_callers_thread(void);

#endif /* INTERFACE_H */
