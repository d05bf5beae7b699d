
/*
 * Asking for a decision on what the client sent, and waiting for it.
 */


#include "ngx_http_cloakroom_module.h"


static ngx_int_t ngx_http_cloakroom_park(ngx_http_cloakroom_ctx_t *ctx);
static void ngx_http_cloakroom_unpark(ngx_http_cloakroom_ctx_t *ctx);
static void ngx_http_cloakroom_free_ctx(void *data);
static void ngx_http_cloakroom_free_decision(void *data);


ngx_http_cloakroom_ctx_t *
ngx_http_cloakroom_create_ctx(ngx_http_request_t *r)
{
    ngx_list_part_t           *part;
    ngx_pool_cleanup_t        *cln;
    ngx_http_cloakroom_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_cloakroom_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_cloakroom_ctx_t));

    ctx->request = r;
    ctx->headers = r->headers_in.headers.part;

    for (part = &ctx->headers; part; part = part->next) {
        ctx->nheaders += part->nelts;
    }

    cln->handler = ngx_http_cloakroom_free_ctx;

    ngx_http_set_ctx(r, ctx, ngx_http_cloakroom_module);

    return ctx;
}


ngx_http_cloakroom_ctx_t *
ngx_http_cloakroom_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_cloakroom_ctx_t  *ctx;

    r = r->main;

    ctx = ngx_http_get_module_ctx(r, ngx_http_cloakroom_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {

        /*
         * an internal redirect has cleared the contexts: this one is still
         * known to the pool of the request
         */

        for (cln = r->pool->cleanup; cln; cln = cln->next) {
            if (cln->handler == ngx_http_cloakroom_free_ctx) {
                ctx = cln->data;
                ngx_http_set_ctx(r, ctx, ngx_http_cloakroom_module);
                break;
            }
        }
    }

    return ctx;
}


/* NGX_OK: decided; NGX_AGAIN: parked; or a status */

ngx_int_t
ngx_http_cloakroom_start(ngx_http_cloakroom_ctx_t *ctx,
    ngx_http_cloakroom_section_t *policy)
{
    ngx_uint_t               i;
    ngx_list_part_t         *part;
    ngx_table_elt_t         *h;
    cloakroom_status         rc;
    cloakroom_header        *header;
    cloakroom_request       *decision;
    ngx_pool_cleanup_t      *cln;
    ngx_http_request_t      *r;
    cloakroom_request_info   info;

    r = ctx->request;

    header = ngx_palloc(r->pool, ctx->nheaders * sizeof(cloakroom_header));
    if (header == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /*
     * header fields point into a decision: it lives as long as the request,
     * also where another one follows
     */

    cln = NULL;

    if (ctx->decision) {
        cln = ngx_pool_cleanup_add(r->pool, 0);
        if (cln == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    ngx_memzero(&info, sizeof(cloakroom_request_info));

    info.struct_size = sizeof(cloakroom_request_info);
    info.policy = ngx_http_cloakroom_policy_name(policy);
    info.host_data = ctx;

    info.method = ngx_http_cloakroom_str(&r->method_name);
    info.target = ngx_http_cloakroom_str(&r->unparsed_uri);
    info.client_address = ngx_http_cloakroom_str(&r->connection->addr_text);

    info.authority = ngx_http_cloakroom_str(r->headers_in.host
                                            ? &r->headers_in.host->value
                                            : &r->headers_in.server);
    info.scheme.data = "http";
    info.scheme.len = sizeof("http") - 1;

#if (NGX_HTTP_SSL)
    if (r->connection->ssl) {
        info.scheme.data = "https";
        info.scheme.len = sizeof("https") - 1;
    }
#endif

    info.headers = header;
    info.header_count = ctx->nheaders;

    for (part = &ctx->headers; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            header->name = ngx_http_cloakroom_str(&h[i].key);
            header->value = ngx_http_cloakroom_str(&h[i].value);
            header++;
        }
    }

    rc = cloakroom_request_start(ngx_http_cloakroom_engine, &info,
                                 &decision);

    if (rc < 0) {
        /* not the request's log, as in ngx_http_cloakroom_log() */

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "cloakroom can not decide a request: %s",
                      cloakroom_status_name(rc));
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    if (cln) {
        cln->data = ctx->decision;
        cln->handler = ngx_http_cloakroom_free_decision;
    }

    ctx->decision = decision;
    ctx->policy = policy;

    return (rc == CLOAKROOM_PENDING) ? ngx_http_cloakroom_park(ctx) : NGX_OK;
}


static ngx_int_t
ngx_http_cloakroom_park(ngx_http_cloakroom_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    ctx->parked = 1;
    ngx_http_cloakroom_hold(1);

    /* a client that goes away ends the request, and with it its decision */

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


/* afterwards the request may be gone */

void
ngx_http_cloakroom_resume(ngx_http_cloakroom_ctx_t *ctx)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "cloakroom resume: \"%V\"", &r->uri);

    ngx_http_cloakroom_unpark(ctx);

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_cloakroom_unpark(ngx_http_cloakroom_ctx_t *ctx)
{
    ctx->parked = 0;
    ngx_http_cloakroom_hold(-1);
}


/* the clean-up of a request, whether it is parked or not */

static void
ngx_http_cloakroom_free_ctx(void *data)
{
    ngx_http_cloakroom_ctx_t *ctx = data;

    if (ctx->parked) {
        ngx_http_cloakroom_unpark(ctx);
    }

    cloakroom_request_free(ctx->decision);
}


static void
ngx_http_cloakroom_free_decision(void *data)
{
    cloakroom_request_free(data);
}
