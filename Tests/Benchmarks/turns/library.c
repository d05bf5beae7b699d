/* The library, as a host sees it. */
#include "../browser.h"
#include "turns.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>


static cloakroom_str
text(const char *s)
{
    cloakroom_str  str = { s, s ? strlen(s) : 0 };

    return str;
}


library_t *
load(char *path)
{
    char       *name;
    void       *handle;
    library_t  *library;

    name = strchr(path, '=');
    if (name) {
        *name++ = '\0';
    }

    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        fail(dlerror());
    }

    library = calloc(1, sizeof(library_t));
    library->name = name ? name : "cloakroom";

#define FIND(field, symbol)  \
    if ((library->field = dlsym(handle, #symbol)) == NULL) { fail(#symbol); }

    FIND(config_new, cloakroom_config_new)
    FIND(config_set, cloakroom_config_set)
    FIND(config_free, cloakroom_config_free)
    FIND(engine_new, cloakroom_engine_new)
    FIND(engine_free, cloakroom_engine_free)
    FIND(start, cloakroom_request_start)
    FIND(wait, cloakroom_request_wait)
    FIND(decision, cloakroom_request_decision)
    FIND(reason, cloakroom_request_reason)
    FIND(free, cloakroom_request_free)

    return library;
}


cloakroom_engine *
make_engine(library_t *library, const char *settings, const char *cache)
{
    char               line[4096], *section, *name, *value, *rest;
    FILE              *file;
    cloakroom_error    error;
    cloakroom_config  *config;
    cloakroom_engine  *engine;

    file = fopen(settings, "r");
    if (file == NULL || library->config_new(&config) != CLOAKROOM_OK) {
        fail(settings);
    }

    while (fgets(line, sizeof(line), file)) {
        section = strtok_r(line, " \n", &rest);
        name = strtok_r(NULL, " \n", &rest);
        value = strtok_r(NULL, "\n", &rest);
        if (value == NULL) {
            continue;
        }

        if (library->config_set(config, text(strcmp(section, "-") ? section : NULL),
                                text(name), text(value), &error)
            != CLOAKROOM_OK)
        {
            fail(error.message);
        }
    }

    fclose(file);

    if (cache && library->config_set(config, text(NULL), text("token_cache_size"), text(cache),
                                     &error) != CLOAKROOM_OK)
    {
        return NULL;
    }

    if (library->engine_new(config, NULL, NULL, &error, &engine) != CLOAKROOM_OK) {
        fail(error.message);
    }

    library->config_free(config);

    return engine;
}


int
check_library(candidate_t *candidate, lane_t *lane, token_t *token)
{
    int                      good;
    size_t                   i;
    library_t               *library;
    cloakroom_header         headers[BROWSER + 1];
    cloakroom_request       *request;
    cloakroom_request_info   info = { .struct_size = sizeof(info) };

    (void) lane;

    library = candidate->library;

    for (i = 0; i < BROWSER; i++) {
        headers[i].name = (cloakroom_str) { browser[i][0], strlen(browser[i][0]) };
        headers[i].value = (cloakroom_str) { browser[i][1], strlen(browser[i][1]) };
    }

    headers[i].name = (cloakroom_str) { "Authorization", 13 };
    headers[i].value = (cloakroom_str) { token->line, token->len + 7 };

    info.method = (cloakroom_str) { "GET", 3 };
    info.target = (cloakroom_str) { "/api/orders?page=2", 18 };
    info.policy = (cloakroom_str) { "api", 3 };
    info.headers = headers;
    info.header_count = BROWSER + 1;

    if (library->start(candidate->engine, &info, &request) == CLOAKROOM_PENDING) {
        library->wait(request, 5000);
    }

    good = library->decision(request) == CLOAKROOM_DECISION_FORWARD;

    if (!good) {
        fprintf(stderr, "%s: %s\n", candidate->name, library->reason(request).data);
    }

    library->free(request);

    return good;
}


long
resident(void)
{
    long   pages = 0;
    FILE  *file = fopen("/proc/self/statm", "r");

    if (file == NULL || fscanf(file, "%*s %ld", &pages) != 1) {
        fail("no statm");
    }

    fclose(file);

    return pages * sysconf(_SC_PAGESIZE) / 1024;
}


void
time_load(char *path)
{
    long    before;
    double  start;

    before = resident();
    start = now(CLOCK_MONOTONIC);
    (void) load(path);
    printf("%.0f %ld\n", (now(CLOCK_MONOTONIC) - start) / 1000, resident() - before);
}
