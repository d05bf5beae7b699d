
/*
 * The engine of a worker process.
 */


#include "ngx_http_cloakroom_module.h"


static void ngx_http_cloakroom_engine_handler(ngx_event_t *ev);
static void ngx_http_cloakroom_timer_handler(ngx_event_t *ev);
static void ngx_http_cloakroom_log(void *data, int32_t level,
    cloakroom_str line);


#define NGX_HTTP_CLOAKROOM_HOLD  1000


cloakroom_engine         *ngx_http_cloakroom_engine;

static ngx_connection_t  *ngx_http_cloakroom_connection;
static ngx_event_t        ngx_http_cloakroom_timer;
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

    if (mcf == NULL || mcf->policies == 0) {
        return NGX_OK;
    }

    /* a worker that exits would be started again and again: it stays */

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

    ngx_http_cloakroom_timer.handler = ngx_http_cloakroom_timer_handler;
    ngx_http_cloakroom_timer.data = c;
    ngx_http_cloakroom_timer.log = cycle->log;

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


static void
ngx_http_cloakroom_engine_handler(ngx_event_t *ev)
{
    cloakroom_request  *decision;

    for ( ;; ) {
        decision = cloakroom_engine_next(ngx_http_cloakroom_engine);

        if (decision == NULL) {
            break;
        }

        ngx_http_cloakroom_resume(cloakroom_request_host_data(decision));
    }

    ev->ready = 0;

    if (ngx_handle_read_event(ev, 0) != NGX_OK) {
        ngx_log_error(NGX_LOG_ALERT, ev->log, 0,
                      "cloakroom can not be waited for any more");
    }
}


/*
 * Counts the parked requests.  They have no timers of their own, and a worker
 * that is to quit leaves as soon as none is left: so one is armed, and it is
 * not cancelable.
 */

void
ngx_http_cloakroom_hold(ngx_int_t n)
{
    ngx_http_cloakroom_parked += n;

    if (ngx_http_cloakroom_parked == 0) {
        ngx_del_timer(&ngx_http_cloakroom_timer);

    } else if (!ngx_http_cloakroom_timer.timer_set) {
        ngx_add_timer(&ngx_http_cloakroom_timer, NGX_HTTP_CLOAKROOM_HOLD);
    }
}


static void
ngx_http_cloakroom_timer_handler(ngx_event_t *ev)
{
    ngx_add_timer(ev, NGX_HTTP_CLOAKROOM_HOLD);
}


static void
ngx_http_cloakroom_log(void *data, int32_t level, cloakroom_str line)
{
    ngx_uint_t         n;
    static ngx_uint_t  levels[] = {
        NGX_LOG_EMERG, NGX_LOG_ERR, NGX_LOG_WARN, NGX_LOG_INFO, NGX_LOG_DEBUG
    };

    n = (level < -1) ? 0 : ngx_min(level + 1, 4);

    /* not a request's log: that would add its line, and a query its code */

    ngx_log_error(levels[n], ngx_cycle->log, 0,
                  "cloakroom: %*s", line.len, line.data);
}
