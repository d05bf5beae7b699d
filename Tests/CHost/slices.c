/*
 * Promises about slices: those that come in may be anything, those that go out
 * stay where they are.
 */
#include "interface.h"

#ifndef LONG_SLICE
#define LONG_SLICE  (16 * 1024 * 1024)
#endif


static cloakroom_status start_with(cloakroom_engine *engine,
    const cloakroom_header *headers, size_t count);


void
slices_may_be_absent_or_empty(void)
{
    cloakroom_config        *config;
    cloakroom_engine        *engine;
    cloakroom_header         headers[3];
    cloakroom_request       *request;
    cloakroom_request_info   info;

    CHECK(cloakroom_config_new(&config) == CLOAKROOM_OK);
    CHECK(cloakroom_config_set(config, text(NULL), text(NULL), text("x"), NULL)
          == CLOAKROOM_MISUSE);
    CHECK(cloakroom_config_set(config, text(NULL), text("x"), text(NULL), NULL)
          == CLOAKROOM_MISUSE);
    CHECK(cloakroom_config_set(config, text(""), text(""), text(""), NULL)
          == CLOAKROOM_INVALID_CONFIG);
    CHECK(cloakroom_config_set(config, text("provider/"), text("issuer"),
                               text("https://a.example"), NULL)
          == CLOAKROOM_INVALID_CONFIG);
    cloakroom_config_free(config);

    engine = make_engine(PROVIDER_GONE);

    headers[0].name = text(NULL);
    headers[0].value = text(NULL);
    headers[1].name = text("");
    headers[1].value = text("");
    headers[2].name = text("Authorization");
    headers[2].value = text(NULL);
    CHECK(start_with(engine, headers, 3) == CLOAKROOM_OK);
    CHECK(start_with(engine, NULL, 0) == CLOAKROOM_OK);
    CHECK(start_with(engine, NULL, 1) == CLOAKROOM_MISUSE);

    info = describe(DECIDED_AT_ONCE);
    info.method = text(NULL);
    CHECK(cloakroom_request_start(engine, &info, &request)
          == CLOAKROOM_MISUSE);

    info = describe(DECIDED_AT_ONCE);
    info.target = text(NULL);
    CHECK(cloakroom_request_start(engine, &info, &request)
          == CLOAKROOM_MISUSE);

    info = describe(DECIDED_AT_ONCE);
    info.method = info.target = text("");
    CHECK(cloakroom_request_start(engine, &info, &request) == CLOAKROOM_OK);
    CHECK(cloakroom_request_decision(request) == CLOAKROOM_DECISION_RESPOND);
    cloakroom_request_free(request);

    /* absent: the policy "default", which is not there */
    info = describe(DECIDED_AT_ONCE);
    info.policy = text(NULL);
    CHECK(cloakroom_request_start(engine, &info, &request) == CLOAKROOM_OK);
    CHECK(cloakroom_request_decision(request) == CLOAKROOM_DECISION_RESPOND);
    CHECK(same(cloakroom_request_reason(request), "policy_unknown"));
    CHECK(cloakroom_request_session_state(request).data == NULL);
    CHECK(cloakroom_request_keeps_header(request, text(NULL), text(NULL)) == 1);
    cloakroom_request_free(request);

    CHECK(cloakroom_engine_answers(engine, text(NULL), text(NULL)) == 0);
    cloakroom_engine_free(engine);
}


/* A length that no memory has, and a length without bytes. */
void
impossible_slices_are_misuse(void)
{
    size_t                   i, k;
    cloakroom_str            value, *places[6];
    cloakroom_str            impossible[2];
    cloakroom_config        *config;
    cloakroom_engine        *engine;
    cloakroom_header         header;
    cloakroom_request       *request;
    cloakroom_request_info   info;

    impossible[0].data = "x";
    impossible[0].len = (size_t) -1;
    impossible[1].data = NULL;
    impossible[1].len = 5;

    CHECK(cloakroom_config_new(&config) == CLOAKROOM_OK);
    engine = make_engine(PROVIDER_GONE);

    for (i = 0; i < 2; i++) {
        CHECK(cloakroom_config_set(config, text(NULL), impossible[i],
                                   text("x"), NULL)
              == CLOAKROOM_MISUSE);
        CHECK(cloakroom_config_set(config, text(NULL), text("store"),
                                   impossible[i], NULL)
              == CLOAKROOM_MISUSE);
        CHECK(cloakroom_config_set(config, impossible[i], text("store"),
                                   text("memory"), NULL)
              == CLOAKROOM_MISUSE);
        CHECK(cloakroom_config_validate(config, impossible[i], NULL)
              == CLOAKROOM_MISUSE);

        places[0] = &info.method;
        places[1] = &info.scheme;
        places[2] = &info.authority;
        places[3] = &info.target;
        places[4] = &info.client_address;
        places[5] = &info.policy;

        for (k = 0; k < 6; k++) {
            info = describe(DECIDED_AT_ONCE);
            *places[k] = impossible[i];
            CHECK(cloakroom_request_start(engine, &info, &request)
                  == CLOAKROOM_MISUSE);
        }

        CHECK(cloakroom_engine_answers(engine, impossible[i], text("/")) <= 0);
        CHECK(cloakroom_engine_answers(engine, text("session"), impossible[i])
              <= 0);

        request = start(engine, DECIDED_AT_ONCE);
        CHECK(cloakroom_request_claim(request, impossible[i], &value)
              == CLOAKROOM_MISUSE);
        CHECK(cloakroom_request_keeps_header(request, impossible[i], text("x"))
              == 1);
        CHECK(cloakroom_request_keeps_header(request, text("Set-Cookie"),
                                             impossible[i])
              == 1);
        cloakroom_request_free(request);

        header.name = text("Authorization");
        header.value = impossible[i];
        CHECK(start_with(engine, &header, 1) == CLOAKROOM_MISUSE);

        header.name = impossible[i];
        header.value = text("x");
        CHECK(start_with(engine, &header, 1) == CLOAKROOM_MISUSE);
    }

    cloakroom_engine_free(engine);
    cloakroom_config_free(config);
}


/* More than any server takes, in each place. */
void
long_slices_are_decided(void)
{
    char                    *bytes;
    cloakroom_str            value, claim;
    cloakroom_engine        *engine;
    cloakroom_header         header;
    cloakroom_request       *request;
    cloakroom_request_info   info;

    value.len = LONG_SLICE;
    value.data = bytes = malloc(value.len);
    CHECK(bytes != NULL);
    memset(bytes, 'a', value.len);
    memcpy(bytes, "Bearer ", 7);

    engine = make_engine(PROVIDER_GONE);

    header.name = text("Authorization");
    header.value = value;
    CHECK(start_with(engine, &header, 1) == CLOAKROOM_OK);

    header.name = value;
    CHECK(start_with(engine, &header, 1) == CLOAKROOM_OK);

    info = describe(DECIDED_AT_ONCE);
    info.method = info.target = info.policy = value;
    CHECK(cloakroom_request_start(engine, &info, &request) == CLOAKROOM_OK);
    CHECK(cloakroom_request_decision(request) == CLOAKROOM_DECISION_RESPOND);
    cloakroom_request_free(request);

    CHECK(cloakroom_engine_answers(engine, text("session"), value) == 0);
    CHECK(cloakroom_engine_answers(engine, value, text("/auth/login")) == 0);

    info = describe(DECIDED_AT_ONCE);
    info.scheme = info.authority = info.client_address = value;
    CHECK(cloakroom_request_start(engine, &info, &request) == CLOAKROOM_OK);
    CHECK(cloakroom_request_decision(request) == CLOAKROOM_DECISION_RESPOND);
    CHECK(cloakroom_request_claim(request, value, &claim)
          == CLOAKROOM_NOT_FOUND);
    CHECK(cloakroom_request_claim(request, text(""), &claim)
          == CLOAKROOM_NOT_FOUND);
    CHECK(cloakroom_request_claim(request, text(NULL), &claim) < 0);
    CHECK(cloakroom_request_keeps_header(request, value, value) == 1);
    cloakroom_request_free(request);

    cloakroom_engine_free(engine);
    free(bytes);
}


/* Starts a bearer request, which must be refused if it starts. */
static cloakroom_status
start_with(cloakroom_engine *engine, const cloakroom_header *headers,
    size_t count)
{
    cloakroom_status         status;
    cloakroom_request       *request;
    cloakroom_request_info   info;

    info = describe(DECIDED_AT_ONCE);
    info.headers = headers;
    info.header_count = count;

    status = cloakroom_request_start(engine, &info, &request);

    if (status >= 0) {
        CHECK(cloakroom_request_decision(request)
              == CLOAKROOM_DECISION_RESPOND);
        cloakroom_request_free(request);
    }

    return status;
}


void
header_fields_are_limited(void)
{
    size_t             i, count;
    cloakroom_engine  *engine;
    cloakroom_header  *headers;

    count = 10001;
    headers = malloc(count * sizeof(cloakroom_header));
    CHECK(headers != NULL);

    for (i = 0; i < count; i++) {
        headers[i].name = text("Cookie");
        headers[i].value = text("a=b");
    }

    engine = make_engine(PROVIDER_GONE);

    CHECK(start_with(engine, headers, count - 1) == CLOAKROOM_OK);
    CHECK(start_with(engine, headers, count) == CLOAKROOM_LIMIT);
    CHECK(start_with(engine, headers, (size_t) -1) == CLOAKROOM_LIMIT);

    cloakroom_engine_free(engine);
    free(headers);
}


/* _headers shows what _header hands out one by one */
static int
all_at_once(const cloakroom_request *request, int32_t list)
{
    size_t                   i, n;
    cloakroom_header         field;
    const cloakroom_header  *fields;

    n = cloakroom_request_headers(request, list, &fields);

    for (i = 0; i < n; i++) {
        if (cloakroom_request_header(request, list, i, &field) != CLOAKROOM_OK
            || memcmp(&field, &fields[i], sizeof(field)) != 0)
        {
            return 0;
        }
    }

    return n > 0
           && cloakroom_request_header(request, list, n, &field)
              == CLOAKROOM_NOT_FOUND;
}


/* Slices handed out live, unmoved, until their handle is freed. */
void
answers_stay_unmoved(void)
{
    int                  i, mark;
    char                *copy;
    cloakroom_str        body, reason;
    cloakroom_engine    *engine;
    cloakroom_header     header, again;
    cloakroom_request   *request;
    cloakroom_request_info  info;

    engine = make_engine(PROVIDER_GONE);
    info = describe(DECIDED_AT_ONCE);
    info.policy = text("session");
    info.host_data = &mark;

    CHECK(cloakroom_request_start(engine, &info, &request) == CLOAKROOM_OK);
    CHECK(cloakroom_request_host_data(request) == &mark);
    CHECK(cloakroom_request_decision(request) == CLOAKROOM_DECISION_RESPOND);
    CHECK(cloakroom_request_response_status(request) == 401);
    CHECK(same(cloakroom_request_session_state(request), "none"));

    reason = cloakroom_request_reason(request);
    CHECK(same(reason, "session_missing"));

    body = cloakroom_request_response_body(request);
    CHECK(body.len > 0);
    copy = malloc(body.len);
    CHECK(copy != NULL);
    memcpy(copy, body.data, body.len);

    CHECK(cloakroom_request_header(request, CLOAKROOM_HEADERS_UPSTREAM, 0,
                                   &header)
          == CLOAKROOM_OK);

    for (i = 0; i < 100; i++) {
        CHECK(cloakroom_request_reason(request).data == reason.data);
        CHECK(cloakroom_request_response_body(request).data == body.data);
        CHECK(cloakroom_request_header(request, CLOAKROOM_HEADERS_UPSTREAM, 0,
                                       &again)
              == CLOAKROOM_OK);
        CHECK(again.name.data == header.name.data);
        CHECK(cloakroom_request_header(request, CLOAKROOM_HEADERS_CLIENT, 0,
                                       &again)
              == CLOAKROOM_OK);
        CHECK(all_at_once(request, CLOAKROOM_HEADERS_UPSTREAM));
        CHECK(all_at_once(request, CLOAKROOM_HEADERS_CLIENT));
    }

    cloakroom_engine_free(engine);

    CHECK(same(reason, "session_missing"));
    CHECK(memcmp(copy, body.data, body.len) == 0);

    cloakroom_request_free(request);
    free(copy);
}
