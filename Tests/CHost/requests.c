/*
 * Promises about requests: each decision reaches the host once, on whichever
 * way and thread it asks.
 */
#include "interface.h"

#include <poll.h>
#include <pthread.h>

#define CALLERS  3


typedef struct {
    int        lines;
    pthread_t  caller;
} diary;


static int is_readable(int fd, int timeout_ms);
static void *call_often(void *data);
static void note_caller(void *data, int32_t level, cloakroom_str line);


void
undecided_requests_may_be_freed(void)
{
    int                 i;
    cloakroom_engine   *engine;
    cloakroom_request  *request[CROWD];

    engine = make_engine(PROVIDER_SLOW);

    /* the others would be decided meanwhile, and must not be returned */

    for (i = 0; i < CROWD; i++) {
        request[i] = start(engine, NEEDS_THE_PROVIDER);
        cloakroom_request_free(request[i]);
    }

    request[0] = start(engine, NEEDS_THE_PROVIDER);
    request[1] = start(engine, NEEDS_THE_PROVIDER);
    cloakroom_request_free(request[0]);
    await_decision(request[1]);

    CHECK(cloakroom_engine_next(engine) == NULL);

    cloakroom_engine_free(engine);
}


void
each_decision_comes_once(void)
{
    int                      i, marks[CROWD], left;
    cloakroom_engine        *engine;
    cloakroom_request       *request;
    cloakroom_request_info   info;

    engine = make_engine(PROVIDER_SLOW);
    info = describe(NEEDS_THE_PROVIDER);

    for (i = 0; i < CROWD; i++) {
        marks[i] = 0;
        info.host_data = &marks[i];
        CHECK(cloakroom_request_start(engine, &info, &request)
              == CLOAKROOM_PENDING);
    }

    CHECK(cloakroom_engine_next(engine) == NULL);
    CHECK(!is_readable(cloakroom_engine_fd(engine), 0));
    left = CROWD;

    while (left > 0) {
        CHECK(is_readable(cloakroom_engine_fd(engine), 10000));

        while ((request = cloakroom_engine_next(engine)) != NULL) {
            (*(int *) cloakroom_request_host_data(request))++;
            CHECK(cloakroom_request_decision(request)
                  == CLOAKROOM_DECISION_RESPOND);
            CHECK(cloakroom_request_response_status(request) == 503);
            cloakroom_request_free(request);
            left--;
        }
    }

    for (i = 0; i < CROWD; i++) {
        CHECK(marks[i] == 1);
    }

    CHECK(cloakroom_engine_next(engine) == NULL);
    CHECK(!is_readable(cloakroom_engine_fd(engine), 50));

    cloakroom_engine_free(engine);
}


void
a_request_waited_for_does_not_come_back(void)
{
    cloakroom_engine   *engine;
    cloakroom_request  *request;

    engine = make_engine(PROVIDER_SLOW);

    request = start(engine, NEEDS_THE_PROVIDER);
    CHECK(cloakroom_request_wait(request, 0) == CLOAKROOM_PENDING);
    CHECK(cloakroom_request_wait(request, 10000) == CLOAKROOM_OK);
    CHECK(cloakroom_engine_next(engine) == NULL);

    /* and again: it is decided */
    CHECK(cloakroom_request_wait(request, 0) == CLOAKROOM_OK);
    CHECK(cloakroom_request_decision(request) == CLOAKROOM_DECISION_RESPOND);
    cloakroom_request_free(request);

    request = start(engine, DECIDED_AT_ONCE);
    CHECK(cloakroom_request_wait(request, -1) == CLOAKROOM_OK);
    CHECK(cloakroom_engine_next(engine) == NULL);
    cloakroom_request_free(request);

    cloakroom_engine_free(engine);
}


void
two_engines_share_nothing(void)
{
    cloakroom_engine   *one, *other;
    cloakroom_request  *request;

    one = make_engine(PROVIDER_GONE);
    other = make_engine(PROVIDER_GONE);

    CHECK(cloakroom_engine_fd(one) != cloakroom_engine_fd(other));

    request = start(other, NEEDS_THE_PROVIDER);
    CHECK(cloakroom_engine_next(one) == NULL);
    cloakroom_engine_free(one);

    await_decision(request);
    cloakroom_engine_free(other);
}


void
an_engine_serves_several_threads(void)
{
    cloakroom_engine  *engine;

    engine = make_engine(PROVIDER_GONE);
    call_from_threads(engine);
    cloakroom_engine_free(engine);
}


void
call_from_threads(cloakroom_engine *engine)
{
    int        i;
    pthread_t  callers[CALLERS];

    for (i = 0; i < CALLERS; i++) {
        CHECK(pthread_create(&callers[i], NULL, call_often, engine) == 0);
    }

    call_often(engine);

    for (i = 0; i < CALLERS; i++) {
        CHECK(pthread_join(callers[i], NULL) == 0);
    }
}


static void *
call_often(void *data)
{
    int                i;
    cloakroom_engine  *engine;

    engine = data;

    for (i = 0; i < CROWD; i++) {
        cloakroom_request_free(start(engine, DECIDED_AT_ONCE));

        await_decision(start(engine, NEEDS_THE_PROVIDER));
    }

    return NULL;
}


void
log_lines_come_on_the_callers_thread(void)
{
    diary              d;
    cloakroom_config  *config;
    cloakroom_engine  *engine;

    d.lines = 0;
    d.caller = pthread_self();

    config = make_config(PROVIDER_GONE);
    CHECK(cloakroom_engine_new(config, note_caller, &d, NULL, &engine)
          == CLOAKROOM_OK);
    cloakroom_config_free(config);

    await_decision(start(engine, NEEDS_THE_PROVIDER));
    while (cloakroom_engine_next(engine) != NULL) { /* void */ }
    cloakroom_engine_free(engine);

    CHECK(d.lines > 0);
}


static void
note_caller(void *data, int32_t level, cloakroom_str line)
{
    diary  *d;

    d = data;
    d->lines++;

    CHECK(pthread_equal(d->caller, pthread_self()));
    CHECK(level >= -1 && level <= 3);
    CHECK(line.data != NULL && line.len > 0);
    CHECK(memchr(line.data, '\n', line.len) == NULL);
}


static int
is_readable(int fd, int timeout_ms)
{
    struct pollfd  event;

    event.fd = fd;
    event.events = POLLIN;

    return poll(&event, 1, timeout_ms) == 1 && (event.revents & POLLIN);
}
