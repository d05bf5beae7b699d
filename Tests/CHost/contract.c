/*
 * Promises about single calls: what they take, and what they give back.
 */
#include "interface.h"

#include <limits.h>


void
version_is_the_headers(void)
{
    CHECK(cloakroom_version_number() == CLOAKROOM_VERSION_NUMBER);
}


void
null_handles_are_answered(void)
{
    cloakroom_str            value;
    cloakroom_config        *config;
    cloakroom_engine        *engine;
    cloakroom_header         header;
    const cloakroom_header  *headers;
    cloakroom_request       *request;
    cloakroom_request_info   info;

    info = describe(DECIDED_AT_ONCE);
    value = text("x");

    CHECK(cloakroom_config_new(NULL) == CLOAKROOM_MISUSE);
    CHECK(cloakroom_config_set(NULL, text(NULL), value, value, NULL)
          == CLOAKROOM_MISUSE);
    CHECK(cloakroom_config_validate(NULL, text(NULL), NULL)
          == CLOAKROOM_MISUSE);
    cloakroom_config_free(NULL);

    CHECK(cloakroom_engine_new(NULL, NULL, NULL, NULL, &engine)
          == CLOAKROOM_MISUSE);
    config = make_config(PROVIDER_GONE);
    CHECK(cloakroom_engine_new(config, NULL, NULL, NULL, NULL)
          == CLOAKROOM_MISUSE);
    cloakroom_config_free(config);

    CHECK(cloakroom_engine_fd(NULL) == -1);
    CHECK(cloakroom_engine_next(NULL) == NULL);
    CHECK(cloakroom_engine_answers(NULL, value, value) <= 0);
    cloakroom_engine_free(NULL);

    CHECK(cloakroom_request_start(NULL, &info, &request) == CLOAKROOM_MISUSE);
    engine = make_engine(PROVIDER_GONE);
    CHECK(cloakroom_request_start(engine, NULL, &request) == CLOAKROOM_MISUSE);
    CHECK(cloakroom_request_start(engine, &info, NULL) == CLOAKROOM_MISUSE);

    CHECK(cloakroom_request_wait(NULL, 0) == CLOAKROOM_MISUSE);
    CHECK(cloakroom_request_decision(NULL) == CLOAKROOM_DECISION_NONE);
    CHECK(cloakroom_request_response_status(NULL) <= 0);
    CHECK(cloakroom_request_response_body(NULL).data == NULL);
    CHECK(cloakroom_request_header(NULL, 0, 0, &header) == CLOAKROOM_MISUSE);
    CHECK(cloakroom_request_headers(NULL, 0, &headers) == 0);
    CHECK(cloakroom_request_keeps_header(NULL, value, value) <= 0);
    CHECK(cloakroom_request_claim(NULL, value, &value) == CLOAKROOM_MISUSE);
    CHECK(cloakroom_request_reason(NULL).data == NULL);
    CHECK(cloakroom_request_explain(NULL).data == NULL);
    CHECK(cloakroom_request_session_state(NULL).data == NULL);
    CHECK(cloakroom_request_host_data(NULL) == NULL);
    cloakroom_request_free(NULL);

    request = start(engine, DECIDED_AT_ONCE);
    CHECK(cloakroom_request_header(request, 0, 0, NULL) == CLOAKROOM_MISUSE);
    CHECK(cloakroom_request_headers(request, CLOAKROOM_HEADERS_CLIENT, NULL)
          == 0);
    CHECK(cloakroom_request_claim(request, value, NULL) == CLOAKROOM_MISUSE);
    cloakroom_request_free(request);
    cloakroom_engine_free(engine);
}


void
statuses_have_names(void)
{
    int          i, k;
    const char  *name[7];

    for (i = 0; i < 7; i++) {
        name[i] = cloakroom_status_name(1 - i);
        CHECK(name[i] != NULL && strcmp(name[i], "unknown") != 0);

        for (k = 0; k < i; k++) {
            CHECK(strcmp(name[i], name[k]) != 0);
        }
    }

    CHECK(strcmp(cloakroom_status_name(INT_MIN), "unknown") == 0);
    CHECK(strcmp(cloakroom_status_name(2), "unknown") == 0);
}


void
failed_calls_write_nothing_out(void)
{
    char                     mark;
    cloakroom_str            value;
    cloakroom_config        *config;
    cloakroom_engine        *engine, *no_engine;
    cloakroom_header         header;
    const cloakroom_header  *headers;
    cloakroom_request       *request, *no_request;
    cloakroom_request_info   info;

    no_engine = (cloakroom_engine *) &mark;
    no_request = (cloakroom_request *) &mark;
    header.name = header.value = value = text("untouched");
    headers = &header;

    CHECK(cloakroom_config_new(&config) == CLOAKROOM_OK);
    CHECK(cloakroom_config_set(config, text("policy/p"), text("mode"),
                               text("bearer"), NULL)
          == CLOAKROOM_OK);
    CHECK(cloakroom_engine_new(config, NULL, NULL, NULL, &no_engine)
          == CLOAKROOM_INVALID_CONFIG);
    CHECK((char *) no_engine == &mark);
    cloakroom_config_free(config);

    engine = make_engine(PROVIDER_GONE);
    info = describe(DECIDED_AT_ONCE);
    info.struct_size = 0;
    CHECK(cloakroom_request_start(engine, &info, &no_request)
          == CLOAKROOM_MISUSE);
    CHECK((char *) no_request == &mark);

    request = start(engine, DECIDED_AT_ONCE);
    CHECK(cloakroom_request_header(request, CLOAKROOM_HEADERS_CLIENT,
                                   (size_t) -1, &header)
          == CLOAKROOM_NOT_FOUND);
    CHECK(cloakroom_request_header(request, 2, 0, &header)
          == CLOAKROOM_NOT_FOUND);
    CHECK(cloakroom_request_header(request, INT32_MIN, 0, &header)
          == CLOAKROOM_NOT_FOUND);
    CHECK(same(header.name, "untouched") && same(header.value, "untouched"));
    CHECK(cloakroom_request_headers(request, 2, &headers) == 0);
    CHECK(cloakroom_request_headers(request, INT32_MIN, &headers) == 0);
    CHECK(headers == &header);
    CHECK(cloakroom_request_claim(request, text("sub"), &value)
          == CLOAKROOM_NOT_FOUND);
    CHECK(same(value, "untouched"));

    cloakroom_request_free(request);
    cloakroom_engine_free(engine);
}


void
errors_tell_and_fit(void)
{
    char              *longest;
    size_t             size;
    cloakroom_str      value;
    cloakroom_error    error;
    cloakroom_config  *config;

    size = 1000000;
    longest = malloc(size);
    CHECK(longest != NULL);
    memset(longest, 'x', size);
    value.data = longest;
    value.len = size;

    CHECK(cloakroom_config_new(&config) == CLOAKROOM_OK);

    memset(&error, 0x55, sizeof(error));
    CHECK(cloakroom_config_set(config, text("provider/p"), text("colour"),
                               text("blue"), &error)
          == CLOAKROOM_INVALID_CONFIG);
    CHECK(error.code == CLOAKROOM_INVALID_CONFIG);
    CHECK(strstr(error.message, "colour") != NULL);

    memset(&error, 0x55, sizeof(error));
    CHECK(cloakroom_config_set(config, text("provider/p"), value, value, &error)
          == CLOAKROOM_INVALID_CONFIG);
    CHECK(memchr(error.message, '\0', sizeof(error.message)) != NULL);
    CHECK(strlen(error.message) > 0);

    CHECK(cloakroom_config_set(config, value, text("issuer"), value, NULL)
          == CLOAKROOM_INVALID_CONFIG);

    cloakroom_config_free(config);
    free(longest);
}


/* A host of a later header hands in more; what is behind is not ours. */
void
struct_size_is_checked(void)
{
    size_t              i, refused[3];
    cloakroom_engine   *engine;
    cloakroom_request  *request;

    struct {
        cloakroom_request_info  info;
        char                    later[64];
    } grown;

    memset(&grown, 0xff, sizeof(grown));
    grown.info = describe(DECIDED_AT_ONCE);
    engine = make_engine(PROVIDER_GONE);

    refused[0] = 0;
    refused[1] = 1;
    refused[2] = sizeof(cloakroom_request_info) - 1;

    for (i = 0; i < 3; i++) {
        grown.info.struct_size = refused[i];
        CHECK(cloakroom_request_start(engine, &grown.info, &request)
              == CLOAKROOM_MISUSE);
    }

    grown.info.struct_size = sizeof(grown);
    CHECK(cloakroom_request_start(engine, &grown.info, &request)
          == CLOAKROOM_OK);
    cloakroom_request_free(request);

    cloakroom_engine_free(engine);
}
