
/*
 * What the client gets: answers of ours, additions to those of others, and
 * what an upstream may not send.  Also what is known of a request afterwards.
 */


#include "ngx_http_cloakroom_module.h"


static void ngx_http_cloakroom_explain(ngx_http_request_t *r,
    cloakroom_request *decision);
static ngx_int_t ngx_http_cloakroom_add_headers(ngx_http_request_t *r,
    cloakroom_request *decision);
static ngx_int_t ngx_http_cloakroom_header_filter(ngx_http_request_t *r);
static cloakroom_request *ngx_http_cloakroom_decision(ngx_http_request_t *r);
static ngx_int_t ngx_http_cloakroom_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_cloakroom_claim_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_cloakroom_set_variable(ngx_http_variable_value_t *v,
    cloakroom_str *value);


typedef cloakroom_str (*ngx_http_cloakroom_word_pt)(const cloakroom_request *);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


/* nothing is known before the access phase: neither may be cached */

static ngx_http_variable_t  ngx_http_cloakroom_vars[] = {

    { ngx_string("cloakroom_reason"), NULL, ngx_http_cloakroom_variable,
      (uintptr_t) cloakroom_request_reason, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("cloakroom_session"), NULL, ngx_http_cloakroom_variable,
      (uintptr_t) cloakroom_request_session_state, NGX_HTTP_VAR_NOCACHEABLE,
      0 },

    { ngx_string("cloakroom_claim_"), NULL, ngx_http_cloakroom_claim_variable,
      0, NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_cloakroom_answer(ngx_http_request_t *r, ngx_http_cloakroom_ctx_t *ctx)
{
    ngx_int_t       rc;
    ngx_buf_t      *b;
    ngx_chain_t     out;
    cloakroom_str   body;

    ngx_http_cloakroom_explain(r, ctx->decision);

    /* no "100 Continue": the body is not wanted */

    r->expect_tested = 1;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    body = cloakroom_request_response_body(ctx->decision);

    b->pos = (u_char *) body.data;
    b->last = b->pos + body.len;
    b->memory = body.len ? 1 : 0;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    /* an error_page that led here has set its own status */

    r->err_status = 0;
    ngx_str_null(&r->headers_out.status_line);

    r->headers_out.status = cloakroom_request_response_status(ctx->decision);
    r->headers_out.content_length_n = body.len;
    ngx_str_null(&r->headers_out.content_type);
    r->disable_not_modified = 1;

    ctx->answered = 1;

    if (ngx_http_cloakroom_add_headers(r, ctx->decision) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    /* NGX_AGAIN: the header is still on its way */

    if ((rc == NGX_OK || rc == NGX_AGAIN) && !r->header_only) {
        rc = ngx_http_output_filter(r, &out);
    }

    /* an access handler's NGX_OK would admit the request */

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


static void
ngx_http_cloakroom_explain(ngx_http_request_t *r, cloakroom_request *decision)
{
#if (NGX_DEBUG)

    cloakroom_str  chain;

    /* all checks are made again for it: only where somebody reads it */

    if (r->connection->log->log_level & NGX_LOG_DEBUG_HTTP) {
        chain = cloakroom_request_explain(decision);

        ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "cloakroom decision: %*s", chain.len, chain.data);
    }

#endif
}


static ngx_int_t
ngx_http_cloakroom_add_headers(ngx_http_request_t *r,
    cloakroom_request *decision)
{
    size_t                   n;
    ngx_str_t                name, value;
    ngx_table_elt_t         *h;
    const cloakroom_header  *header;

    n = cloakroom_request_headers(decision, CLOAKROOM_HEADERS_CLIENT, &header);

    for ( /* void */ ; n; n--, header++) {

        name.len = header->name.len;
        name.data = (u_char *) header->name.data;

        value.len = header->value.len;
        value.data = (u_char *) header->value.data;

        if (name.len == sizeof("Content-Type") - 1
            && ngx_strncasecmp(name.data, (u_char *) "Content-Type", name.len)
               == 0)
        {
            /* of no length: no charset is added, no filter of a type applies */

            r->headers_out.content_type = value;
            r->headers_out.content_type_lowcase = NULL;
            r->headers_out.content_type_len = 0;
            continue;
        }

        /*
         * not r->headers_out.location: nginx would put the client's Host
         * before a local path
         */

        h = ngx_list_push(&r->headers_out.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(h, sizeof(ngx_table_elt_t));

        h->hash = 1;
        h->key = name;
        h->value = value;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_cloakroom_header_filter(ngx_http_request_t *r)
{
    ngx_uint_t                 i;
    ngx_list_part_t           *part;
    ngx_table_elt_t           *h;
    cloakroom_request         *decision;

    decision = ngx_http_cloakroom_decision(r);

    if (r != r->main || decision == NULL
        || ngx_http_cloakroom_get_ctx(r)->answered)
    {
        return ngx_http_next_header_filter(r);
    }

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash
                && !cloakroom_request_keeps_header(decision,
                        ngx_http_cloakroom_str(&h[i].key),
                        ngx_http_cloakroom_str(&h[i].value)))
            {
                h[i].hash = 0;
            }
        }
    }

    if (cloakroom_request_decision(decision) == CLOAKROOM_DECISION_FORWARD
        && ngx_http_cloakroom_add_headers(r, decision) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


/* NULL while there is none */

static cloakroom_request *
ngx_http_cloakroom_decision(ngx_http_request_t *r)
{
    ngx_http_cloakroom_ctx_t  *ctx;

    ctx = ngx_http_cloakroom_get_ctx(r);

    return (ctx && !ctx->parked) ? ctx->decision : NULL;
}


static ngx_int_t
ngx_http_cloakroom_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_cloakroom_word_pt word = (ngx_http_cloakroom_word_pt) data;

    cloakroom_str  value;

    value = word(ngx_http_cloakroom_decision(r));

    return ngx_http_cloakroom_set_variable(v, &value);
}


static ngx_int_t
ngx_http_cloakroom_claim_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t *variable = (ngx_str_t *) data;

    cloakroom_str  name, value;

    name.data = (char *) variable->data + sizeof("cloakroom_claim_") - 1;
    name.len = variable->len - (sizeof("cloakroom_claim_") - 1);

    ngx_memzero(&value, sizeof(cloakroom_str));

    (void) cloakroom_request_claim(ngx_http_cloakroom_decision(r), name,
                                   &value);

    return ngx_http_cloakroom_set_variable(v, &value);
}


static ngx_int_t
ngx_http_cloakroom_set_variable(ngx_http_variable_value_t *v,
    cloakroom_str *value)
{
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = (value->data == NULL);
    v->len = value->len;
    v->data = (u_char *) value->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_cloakroom_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_cloakroom_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


void
ngx_http_cloakroom_header_filter_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_cloakroom_header_filter;
}
