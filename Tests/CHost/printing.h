/*
 * What was decided, a line for each thing.
 */
#ifndef PRINTING_H
#define PRINTING_H

#include "arguments.h"

#include <ctype.h>
#include <strings.h>


static void print_fields(const cloakroom_request *request, int32_t list,
    const char *title, const arguments *a);
static void print_value(cloakroom_header field, int shows_secrets);
static void print_line(const char *title, cloakroom_str value);


static void
print_decision(const cloakroom_request *request, const arguments *a)
{
    int            i;
    cloakroom_str  claim;

    switch (cloakroom_request_decision(request)) {

    case CLOAKROOM_DECISION_FORWARD:
        printf("decision forward\n");
        break;

    case CLOAKROOM_DECISION_RESPOND:
        printf("decision respond\n");
        printf("status %d\n", (int) cloakroom_request_response_status(request));
        break;

    default:
        printf("decision unknown\n"); /* a server answers 503 here */
        return;
    }

    print_line("reason", cloakroom_request_reason(request));
    print_line("session", cloakroom_request_session_state(request));

    if (a->explains) {
        print_line("explain", cloakroom_request_explain(request));
    }

    print_fields(request, CLOAKROOM_HEADERS_UPSTREAM, "upstream", a);
    print_fields(request, CLOAKROOM_HEADERS_CLIENT, "client", a);

    for (i = 0; i < a->claim_count; i++) {

        if (cloakroom_request_claim(request, text(a->claims[i]), &claim)
            == CLOAKROOM_OK)
        {
            printf("claim %s: %.*s\n", a->claims[i], (int) claim.len,
                   claim.data);
        }
    }

    print_line("body", cloakroom_request_response_body(request));
}


static void
print_fields(const cloakroom_request *request, int32_t list,
    const char *title, const arguments *a)
{
    size_t            i;
    cloakroom_header  field;

    for (i = 0;
         cloakroom_request_header(request, list, i, &field) == CLOAKROOM_OK;
         i++)
    {
        printf("%s %.*s: ", title, (int) field.name.len, field.name.data);
        print_value(field, a->shows_secrets);
    }
}


/* Tokens and cookies are told by their length. */
static void
print_value(cloakroom_header field, int shows_secrets)
{
    size_t       i, shown;
    const char  *secret[] = { "Authorization", "Cookie", "Set-Cookie" };

    if (field.value.data == NULL) {
        printf("(removed)\n");
        return;
    }

    shown = field.value.len;

    for (i = 0; i < 3 && !shows_secrets; i++) {

        if (field.name.len == strlen(secret[i])
            && strncasecmp(field.name.data, secret[i], field.name.len) == 0)
        {
            shown = (i == 0 && field.value.len > 7) ? 7 : 0;  /* "Bearer " */
        }
    }

    printf("%.*s", (int) shown, field.value.data);

    if (shown < field.value.len) {
        printf("(%lu bytes)", (unsigned long) (field.value.len - shown));
    }

    printf("\n");
}


static void
print_line(const char *title, cloakroom_str value)
{
    size_t  i;

    if (value.data == NULL || value.len == 0) {
        return;
    }

    printf("%s ", title);

    for (i = 0; i < value.len; i++) {
        putchar(iscntrl((unsigned char) value.data[i]) ? ' ' : value.data[i]);
    }

    printf("\n");
}

#endif /* PRINTING_H */
