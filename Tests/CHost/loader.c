/*
 * A master process, as nginx has one: it loads the library, makes a config,
 * unloads the library, loads it again, and leaves the engines to its children.
 *
 *   loader LIBRARY
 *
 * Prints "ok NAME" for each promise of cloakroom.h that holds.
 */
#define _POSIX_C_SOURCE 200809L

#include <cloakroom.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(fact)                                                           \
    ((fact) ? (void) 0 : check_failed(__LINE__, #fact))


static void check_failed(int line, const char *fact);

#include "traces.h"


static void *function(void *library, const char *name);
static cloakroom_config *make_config(void *library);
static void run_engine(void *library);


int
main(int argc, char **argv)
{
    int      round, status;
    void    *library;
    pid_t    child;
    traces   before, after;
    void   (*config_free)(cloakroom_config *config);
    uint32_t (*version_number)(void);

    if (argc != 2) {
        fprintf(stderr, "usage: loader LIBRARY\n");
        return 2;
    }

    before = look();

    for (round = 0; round < 3; round++) {
        library = dlopen(argv[1], RTLD_NOW);

        if (library == NULL) {
            check_failed(__LINE__, dlerror());
        }

        *(void **) &config_free = function(library, "cloakroom_config_free");
        *(void **) &version_number = function(library,
                                              "cloakroom_version_number");

        config_free(make_config(library));

        after = look();
        CHECK(same_traces(&before, &after));

        CHECK(dlclose(library) == 0);
        CHECK(version_number() == CLOAKROOM_VERSION_NUMBER);

        after = look();
        CHECK(same_traces(&before, &after));
    }

    printf("ok loading_leaves_no_trace\n");
    fflush(stdout);

    library = dlopen(argv[1], RTLD_NOW);

    for (round = 0; round < 3; round++) {
        child = fork();
        CHECK(child != -1);

        if (child == 0) {
            run_engine(library);
            _exit(0);
        }

        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }

    printf("ok children_of_a_master_have_engines\n");

    return 0;
}


static void
check_failed(int line, const char *fact)
{
    fprintf(stderr, "loader.c:%d: does not hold: %s\n", line, fact);
    _exit(1);
}


static void *
function(void *library, const char *name)
{
    void  *f;

    f = dlsym(library, name);

    if (f == NULL) {
        check_failed(__LINE__, name);
    }

    return f;
}


static cloakroom_config *
make_config(void *library)
{
    size_t                    i;
    cloakroom_str             part[3];
    cloakroom_error           error;
    cloakroom_config         *config;
    cloakroom_status        (*config_new)(cloakroom_config **config_out);
    cloakroom_status        (*config_set)(cloakroom_config *config,
        cloakroom_str section, cloakroom_str name, cloakroom_str value,
        cloakroom_error *error);

    static const char *const  settings[][3] = {
        { NULL, "development", "on" },
        { "provider/idp", "issuer", "http://127.0.0.1:1" },
        { "policy/default", "mode", "bearer" },
        { "policy/default", "provider", "idp" },
        { "policy/default", "audience", "api" }
    };

    *(void **) &config_new = function(library, "cloakroom_config_new");
    *(void **) &config_set = function(library, "cloakroom_config_set");

    CHECK(config_new(&config) == CLOAKROOM_OK);

    for (i = 0; i < sizeof(settings) / sizeof(settings[0]) * 3; i++) {
        part[i % 3].data = settings[i / 3][i % 3];
        part[i % 3].len = part[i % 3].data ? strlen(part[i % 3].data) : 0;

        CHECK(i % 3 != 2
              || config_set(config, part[0], part[1], part[2], &error)
                 == CLOAKROOM_OK);
    }

    return config;
}


static void
run_engine(void *library)
{
    cloakroom_error           error;
    cloakroom_engine         *engine;
    cloakroom_request        *request;
    cloakroom_request_info    info;
    cloakroom_status        (*engine_new)(const cloakroom_config *config,
        cloakroom_log_fn log, void *log_data, cloakroom_error *error,
        cloakroom_engine **engine_out);
    cloakroom_status        (*request_start)(cloakroom_engine *engine,
        const cloakroom_request_info *info, cloakroom_request **request_out);
    cloakroom_decision      (*decision)(const cloakroom_request *request);
    void                    (*request_free)(cloakroom_request *request);
    void                    (*engine_free)(cloakroom_engine *engine);

    *(void **) &engine_new = function(library, "cloakroom_engine_new");
    *(void **) &request_start = function(library, "cloakroom_request_start");
    *(void **) &decision = function(library, "cloakroom_request_decision");
    *(void **) &request_free = function(library, "cloakroom_request_free");
    *(void **) &engine_free = function(library, "cloakroom_engine_free");

    CHECK(engine_new(make_config(library), NULL, NULL, &error, &engine)
          == CLOAKROOM_OK);

    memset(&info, 0, sizeof(info));
    info.struct_size = sizeof(info);
    info.method.data = "GET";
    info.method.len = 3;
    info.target.data = "/";
    info.target.len = 1;

    CHECK(request_start(engine, &info, &request) == CLOAKROOM_OK);
    CHECK(decision(request) == CLOAKROOM_DECISION_RESPOND);

    request_free(request);
    engine_free(engine);
}
