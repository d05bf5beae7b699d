/*
 * A process that forks after it has checked tokens: what its thread kept for
 * signatures serves parent and child from then on, each by itself.
 *
 *   forked --config FILE TOKEN OTHER FORGED
 *
 * TOKEN and OTHER are good, FORGED is OTHER with a signature that is not.
 * Each side asks for them in turn, twice, of an engine of its own.  Prints "ok".
 */
#define _POSIX_C_SOURCE 200809L

#include "arguments.h"

#include <sys/wait.h>
#include <unistd.h>

#define CHECK(fact)                                                           \
    ((fact) ? (void) 0 : check_failed(__LINE__, #fact))


static void use_engine(const cloakroom_config *config, char **token);
static int is_forwarded(cloakroom_engine *engine, const char *token);
static void check_failed(int line, const char *fact);


int
main(int argc, char **argv)
{
    int                status;
    pid_t              child;
    arguments          a;
    cloakroom_config  *config;

    a = parse_arguments(argc, argv);
    CHECK(a.command_count == 3);

    config = read_config(a.config);
    use_engine(config, a.command);

    child = fork();
    CHECK(child != -1);

    use_engine(config, a.command);
    cloakroom_config_free(config);

    if (child == 0) {
        _exit(0);
    }

    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    printf("ok\n");

    return 0;
}


static void
use_engine(const cloakroom_config *config, char **token)
{
    int                i;
    cloakroom_engine  *engine;

    CHECK(cloakroom_engine_new(config, NULL, NULL, NULL, &engine)
          == CLOAKROOM_OK);

    for (i = 0; i < 2; i++) {
        CHECK(is_forwarded(engine, token[0]));
        CHECK(!is_forwarded(engine, token[2]));
        CHECK(is_forwarded(engine, token[1]));
    }

    cloakroom_engine_free(engine);
}


static int
is_forwarded(cloakroom_engine *engine, const char *token)
{
    int                      forwarded;
    char                     line[8192];
    cloakroom_header         field;
    cloakroom_request       *request;
    cloakroom_request_info   info;

    CHECK(snprintf(line, sizeof(line), "Bearer %s", token)
          < (int) sizeof(line));
    field.name = text("Authorization");
    field.value = text(line);

    memset(&info, 0, sizeof(info));
    info.struct_size = sizeof(info);
    info.method = text("GET");
    info.target = text("/");
    info.policy = text("bearer");
    info.headers = &field;
    info.header_count = 1;

    if (cloakroom_request_start(engine, &info, &request) == CLOAKROOM_PENDING) {
        CHECK(cloakroom_request_wait(request, 30000) == CLOAKROOM_OK);
    }

    forwarded = cloakroom_request_decision(request)
                == CLOAKROOM_DECISION_FORWARD;
    cloakroom_request_free(request);

    return forwarded;
}


static void
check_failed(int line, const char *fact)
{
    fprintf(stderr, "forked.c:%d: not so: %s\n", line, fact);
    _exit(1);
}
