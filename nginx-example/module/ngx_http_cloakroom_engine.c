
/*
 * The engine of a worker process, and the requests that wait for it.
 */


#include "ngx_http_cloakroom_module.h"


static void ngx_http_cloakroom_engine_handler(ngx_event_t *ev);
static void ngx_http_cloakroom_hold_handler(ngx_event_t *ev);
static void ngx_http_cloakroom_log(void *data, int32_t level,
    cloakroom_str line);


/* as long as a request is parked, this timer is armed */
#define NGX_HTTP_CLOAKROOM_HOLD  1000


cloakroom_engine         *ngx_http_cloakroom_engine;

static ngx_connection_t  *ngx_http_cloakroom_connection;
static ngx_event_t        ngx_http_cloakroom_hold;
static ngx_uint_t         ngx_http_cloakroom_parked;


ngx_int_t
ngx_http_cloakroom_init_process(ngx_cycle_t *cycle)
{
    cloakroom_error                  error;
    ngx_connection_t                *c;
    ngx_http_cloakroom_main_conf_t  *mcf;

    /* the cache manager and the cache loader come here as well */

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_cloakroom_module);

    if (mcf == NULL || mcf->policies.nelts == 0) {
        return NGX_OK;
    }

    /* a worker that exits would be started again and again: it stays */

    error.message[0] = '\0';

    if (cloakroom_engine_new(mcf->config, ngx_http_cloakroom_log, NULL, &error,
                             &ngx_http_cloakroom_engine)
        != CLOAKROOM_OK)
    {
        ngx_http_cloakroom_engine = NULL;

        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "cloakroom can not start: %s; "
                      "what it guards is answered with 503", error.message);
        return NGX_OK;
    }

    c = ngx_get_connection(cloakroom_engine_fd(ngx_http_cloakroom_engine),
                           cycle->log);
    if (c == NULL) {
        goto failed;
    }

    c->read->handler = ngx_http_cloakroom_engine_handler;
    c->read->log = cycle->log;
    c->write->log = cycle->log;

    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        ngx_free_connection(c);
        c->fd = (ngx_socket_t) -1;
        goto failed;
    }

    ngx_http_cloakroom_connection = c;

    ngx_http_cloakroom_hold.handler = ngx_http_cloakroom_hold_handler;
    ngx_http_cloakroom_hold.data = c;
    ngx_http_cloakroom_hold.log = cycle->log;

    return NGX_OK;

failed:

    cloakroom_engine_free(ngx_http_cloakroom_engine);
    ngx_http_cloakroom_engine = NULL;

    ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                  "cloakroom can not be waited for; "
                  "what it guards is answered with 503");
    return NGX_OK;
}


void
ngx_http_cloakroom_exit_process(ngx_cycle_t *cycle)
{
    ngx_connection_t  *c;

    c = ngx_http_cloakroom_connection;

    if (c == NULL) {
        return;
    }

    /* the library closes the descriptor; nginx must not find it open */

    (void) ngx_del_event(c->read, NGX_READ_EVENT, NGX_DISABLE_EVENT);
    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;

    cloakroom_engine_free(ngx_http_cloakroom_engine);

    ngx_http_cloakroom_engine = NULL;
    ngx_http_cloakroom_connection = NULL;
}


ngx_int_t
ngx_http_cloakroom_park(ngx_http_cloakroom_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    if (ngx_http_cloakroom_parked++ == 0) {

        /*
         * a parked request has no timer of its own, and a worker that is to
         * quit leaves as soon as none is left: this one is not cancelable
         */

        ngx_add_timer(&ngx_http_cloakroom_hold, NGX_HTTP_CLOAKROOM_HOLD);
    }

    ctx->parked = 1;

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    return ngx_handle_read_event(r->connection->read, 0);
}


void
ngx_http_cloakroom_unpark(ngx_http_cloakroom_ctx_t *ctx)
{
    if (!ctx->parked) {
        return;
    }

    ctx->parked = 0;

    if (--ngx_http_cloakroom_parked == 0
        && ngx_http_cloakroom_hold.timer_set)
    {
        ngx_del_timer(&ngx_http_cloakroom_hold);
    }
}


static void
ngx_http_cloakroom_engine_handler(ngx_event_t *ev)
{
    ngx_connection_t          *c;
    cloakroom_request         *decision;
    ngx_http_request_t        *r;
    ngx_http_cloakroom_ctx_t  *ctx;

    for ( ;; ) {
        decision = cloakroom_engine_next(ngx_http_cloakroom_engine);

        if (decision == NULL) {
            break;
        }

        ctx = cloakroom_request_host_data(decision);
        r = ctx->request;
        c = r->connection;

        ngx_http_set_log_request(c->log, r);

        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, c->log, 0,
                       "cloakroom resume: \"%V\"", &r->uri);

        ngx_http_cloakroom_unpark(ctx);

        r->read_event_handler = ngx_http_block_reading;
        r->write_event_handler = ngx_http_core_run_phases;

        ngx_http_core_run_phases(r);

        /* the request may be gone */

        ngx_http_run_posted_requests(c);
    }

    ev->ready = 0;

    if (ngx_handle_read_event(ev, 0) != NGX_OK) {
        ngx_log_error(NGX_LOG_ALERT, ev->log, 0,
                      "cloakroom can not be waited for any more");
    }
}


static void
ngx_http_cloakroom_hold_handler(ngx_event_t *ev)
{
    if (ngx_http_cloakroom_parked) {
        ngx_add_timer(ev, NGX_HTTP_CLOAKROOM_HOLD);
    }
}


static void
ngx_http_cloakroom_log(void *data, int32_t level, cloakroom_str line)
{
    ngx_uint_t         n;
    static ngx_uint_t  levels[] = {
        NGX_LOG_ERR, NGX_LOG_WARN, NGX_LOG_INFO, NGX_LOG_DEBUG
    };

    n = (level < 0) ? 0 : ngx_min(level, 3);

    /* not a request's log: that would add its line, and a query its code */

    ngx_log_error(levels[n], ngx_cycle->log, 0,
                  "cloakroom: %*s", line.len, line.data);
}
