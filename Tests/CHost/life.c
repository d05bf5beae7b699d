/*
 * Promises about what exists when: threads, descriptors, signals, and the
 * order in which handles end.
 */
#include "interface.h"
#include "traces.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>


static int returns_to(traces before);
static int is_unix_socket(int fd);
static void use_engine(const cloakroom_config *config);


void
nothing_exists_before_the_engine(void)
{
    traces             before, after;
    cloakroom_config  *config;

    before = look();

    config = make_config(PROVIDER_GONE);
    CHECK(cloakroom_config_validate(config, text(NULL), NULL) == CLOAKROOM_OK);

    after = look();
    CHECK(same_traces(&before, &after));

    cloakroom_config_free(config);
}


/* The fastest of some: what makes one slow is what else the machine does. */
void
an_engine_is_there_in_10_ms(void)
{
    int                i;
    double             took, fastest;
    cloakroom_config  *config;
    cloakroom_engine  *engine;
    struct timespec    begun, done;

    config = make_config(PROVIDER_SILENT);
    fastest = 1000;

    for (i = 0; i < 10; i++) {
        clock_gettime(CLOCK_MONOTONIC, &begun);
        CHECK(cloakroom_engine_new(config, NULL, NULL, NULL, &engine)
              == CLOAKROOM_OK);
        clock_gettime(CLOCK_MONOTONIC, &done);
        cloakroom_engine_free(engine);

        took = (done.tv_sec - begun.tv_sec) * 1e3
               + (done.tv_nsec - begun.tv_nsec) / 1e6;
        fastest = (took < fastest) ? took : fastest;
    }

    CHECK(fastest <= 10);
    cloakroom_config_free(config);
}


void
nothing_is_left_after_the_engine(void)
{
    int                i;
    traces             before;
    cloakroom_engine  *engine;

    before = look();

    for (i = 0; i < 5; i++) {
        engine = make_engine(PROVIDER_GONE);

        CHECK(look().threads > before.threads);
        CHECK(cloakroom_engine_fd(engine) >= 0);

        await_decision(start(engine, NEEDS_THE_PROVIDER));
        cloakroom_engine_free(engine);

        CHECK(returns_to(before));
    }
}


void
signal_handlers_stay(void)
{
    traces             before, after;
    cloakroom_engine  *engine;

    before = look();

    engine = make_engine(PROVIDER_GONE);
    await_decision(start(engine, NEEDS_THE_PROVIDER));

    after = look();
    CHECK(same_signals(&before, &after));

    cloakroom_engine_free(engine);

    after = look();
    CHECK(same_signals(&before, &after));
}


/* All but those that cannot be, and the two that libc keeps for itself. */
void
threads_block_all_signals(void)
{
    int                  others;
    DIR                 *folder;
    FILE                *status;
    char                 path[64 + sizeof(((struct dirent *) 0)->d_name)];
    char                 line[256];
    unsigned long long   blocked, wanted;
    struct dirent       *entry;
    cloakroom_engine    *engine;

    wanted = ~0ULL & ~(1ULL << (SIGKILL - 1)) & ~(1ULL << (SIGSTOP - 1))
             & ~(1ULL << (32 - 1)) & ~(1ULL << (33 - 1));
    others = 0;

    engine = make_engine(PROVIDER_GONE);
    await_decision(start(engine, NEEDS_THE_PROVIDER));

    folder = opendir("/proc/self/task");
    CHECK(folder != NULL);

    while ((entry = readdir(folder)) != NULL) {

        if (entry->d_name[0] == '.' || atol(entry->d_name) == getpid()) {
            continue;
        }

        snprintf(path, sizeof(path), "/proc/self/task/%s/status",
                 entry->d_name);
        status = fopen(path, "r");
        CHECK(status != NULL);

        while (fgets(line, sizeof(line), status) != NULL) {

            if (sscanf(line, "SigBlk: %llx", &blocked) == 1) {
                CHECK((blocked & wanted) == wanted);
                others++;
            }
        }

        fclose(status);
    }

    closedir(folder);
    CHECK(others >= 2);

    cloakroom_engine_free(engine);
}


/*
 * A program that the host starts gets neither store nor connections.  (Only
 * the pair of sockets with which libcurl wakes itself stays open there: that
 * one carries nothing.)
 */
void
descriptors_close_on_exec(void)
{
    int                 fd, flags, before[256], opened;
    cloakroom_engine   *engine;
    cloakroom_request  *request;

    /* so that the provider's stand-in is no new descriptor */
    cloakroom_config_free(make_config(PROVIDER_SILENT));

    for (fd = 0; fd < 256; fd++) {
        before[fd] = fcntl(fd, F_GETFD);
    }

    engine = make_engine(PROVIDER_SILENT);
    request = start(engine, NEEDS_THE_PROVIDER);
    CHECK(cloakroom_request_wait(request, 300) == CLOAKROOM_PENDING);
    opened = 0;

    for (fd = 0; fd < 256; fd++) {
        flags = fcntl(fd, F_GETFD);

        if (before[fd] == -1 && flags != -1) {
            CHECK((flags & FD_CLOEXEC) || is_unix_socket(fd));
            opened++;
        }
    }

    /* at least: the host's, the store's, and a connection */
    CHECK(opened >= 3);

    cloakroom_request_free(request);
    cloakroom_engine_free(engine);
}


static int
is_unix_socket(int fd)
{
    socklen_t        size;
    struct sockaddr  address;

    size = sizeof(address);

    return getsockname(fd, &address, &size) == 0
           && address.sa_family == AF_UNIX;
}


/* Also where the parent had one before, and threads of the child meet. */
void
a_forked_child_has_its_own_engine(void)
{
    int                i, k, status;
    pid_t              child;
    traces             before;
    cloakroom_config  *config;
    cloakroom_engine  *engine;

    config = make_config(PROVIDER_GONE);
    use_engine(config);

    for (i = 0; i < 4; i++) {
        child = fork();
        CHECK(child != -1);

        if (child != 0) {
            CHECK(waitpid(child, &status, 0) == child);
            CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            continue;
        }

        before = look();

        for (k = 0; k < 4; k++) {
            CHECK(cloakroom_engine_new(config, NULL, NULL, NULL, &engine)
                  == CLOAKROOM_OK);
            call_from_threads(engine);
            cloakroom_engine_free(engine);
        }

        CHECK(returns_to(before));
        cloakroom_config_free(config);
        _exit(0);
    }

    use_engine(config);
    cloakroom_config_free(config);
}


static void
use_engine(const cloakroom_config *config)
{
    cloakroom_engine  *engine;

    CHECK(cloakroom_engine_new(config, NULL, NULL, NULL, &engine)
          == CLOAKROOM_OK);
    await_decision(start(engine, NEEDS_THE_PROVIDER));
    cloakroom_engine_free(engine);
}


void
requests_outlive_their_engine(void)
{
    int                 i;
    traces              before;
    time_t              begun;
    cloakroom_engine   *engine;
    cloakroom_header    header;
    cloakroom_request  *decided, *pending[CROWD], *awaited;

    cloakroom_config_free(make_config(PROVIDER_SILENT));
    before = look();

    engine = make_engine(PROVIDER_SILENT);
    decided = start(engine, DECIDED_AT_ONCE);
    awaited = start(engine, NEEDS_THE_PROVIDER);
    CHECK(cloakroom_request_wait(awaited, 20) == CLOAKROOM_PENDING);

    for (i = 0; i < CROWD; i++) {
        pending[i] = start(engine, NEEDS_THE_PROVIDER);
    }

    cloakroom_engine_free(engine);

    CHECK(same(cloakroom_request_reason(decided), "token_missing"));
    begun = time(NULL);
    CHECK(cloakroom_request_wait(awaited, 10000) == CLOAKROOM_PENDING);
    CHECK(time(NULL) - begun < 5);
    CHECK(cloakroom_request_decision(awaited) == CLOAKROOM_DECISION_NONE);

    for (i = 0; i < CROWD; i++) {
        CHECK(cloakroom_request_decision(pending[i])
              == CLOAKROOM_DECISION_NONE);
        CHECK(cloakroom_request_reason(pending[i]).data == NULL);
        CHECK(cloakroom_request_response_status(pending[i]) == 0);
        CHECK(cloakroom_request_header(pending[i], CLOAKROOM_HEADERS_UPSTREAM,
                                       0, &header)
              == CLOAKROOM_NOT_FOUND);
        cloakroom_request_free(pending[i]);
    }

    cloakroom_request_free(awaited);
    cloakroom_request_free(decided);

    CHECK(returns_to(before));
}


/* A thread that was joined stands in /proc for a moment longer. */
static int
returns_to(traces before)
{
    int              i;
    traces           now;
    struct timespec  pause;

    pause.tv_sec = 0;
    pause.tv_nsec = 5000000;

    for (i = 0; i < 400; i++) {
        now = look();

        if (same_traces(&before, &now)) {
            return 1;
        }

        nanosleep(&pause, NULL);
    }

    fprintf(stderr, "%d threads, then %d; %d descriptors, then %d\n",
            before.threads, now.threads, before.descriptors, now.descriptors);

    return 0;
}
