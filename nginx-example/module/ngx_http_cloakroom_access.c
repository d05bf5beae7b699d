
/*
 * Which policy decides a request, and what its decision means.
 */


#include "ngx_http_cloakroom_module.h"


static ngx_int_t ngx_http_cloakroom_decide(ngx_http_request_t *r,
    ngx_http_cloakroom_ctx_t **ctxp);
static ngx_http_cloakroom_section_t *ngx_http_cloakroom_find_policy(
    ngx_http_request_t *r);


/* the last of the access handlers: what comes here, no other has admitted */

ngx_int_t
ngx_http_cloakroom_access_handler(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_http_cloakroom_ctx_t  *ctx;

    rc = ngx_http_cloakroom_decide(r, &ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    if (cloakroom_request_decision(ctx->decision)
        == CLOAKROOM_DECISION_RESPOND)
    {
        return ngx_http_cloakroom_answer(r, ctx);
    }

    if (ctx->policy->endpoints == ctx->policy) {

        /* claimed, and not answered: the location's own policy was not asked */

        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    return NGX_OK;
}


/*
 * Runs for every request that goes on to its content, also where another
 * module has admitted it and the access handler was not asked.
 */

ngx_int_t
ngx_http_cloakroom_precontent_handler(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    cloakroom_str                   target;
    cloakroom_request              *decision;
    ngx_http_cloakroom_ctx_t       *ctx;
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_cloakroom_loc_conf_t  *lcf;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    rc = ngx_http_cloakroom_decide(r, &ctx);

    if (rc == NGX_DECLINED) {
        lcf = ngx_http_get_module_loc_conf(r, ngx_http_cloakroom_module);
        ctx = ngx_http_cloakroom_get_ctx(r);

        if (ctx == NULL || lcf->policy != &ngx_http_cloakroom_off) {
            return NGX_DECLINED;
        }

        decision = NULL;

    } else if (rc != NGX_OK) {
        return rc;

    } else {
        decision = ctx->decision;

        if (cloakroom_request_decision(decision)
            == CLOAKROOM_DECISION_RESPOND)
        {
            clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
            target = ngx_http_cloakroom_str(&r->unparsed_uri);

            if (clcf->satisfy == NGX_HTTP_SATISFY_ALL
                || cloakroom_engine_answers(ngx_http_cloakroom_engine,
                       ngx_http_cloakroom_policy_name(ctx->policy), target))
            {
                return ngx_http_cloakroom_answer(r, ctx);
            }
        }
    }

    if (ctx->edited != decision
        && ngx_http_cloakroom_edit_request(r, ctx, decision) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DECLINED;
}


/* NGX_OK: decided; NGX_AGAIN: parked; NGX_DECLINED: no policy; or a status */

static ngx_int_t
ngx_http_cloakroom_decide(ngx_http_request_t *r,
    ngx_http_cloakroom_ctx_t **ctxp)
{
    ngx_int_t                      rc;
    ngx_http_cloakroom_ctx_t      *ctx;
    ngx_http_cloakroom_section_t  *policy;
    ngx_http_cloakroom_loc_conf_t *lcf;

    ctx = ngx_http_cloakroom_get_ctx(r);

    if (ctx && ctx->parked) {
        return NGX_AGAIN;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_cloakroom_module);

    policy = (ctx && ctx->conf == lcf && ctx->internal == r->internal)
             ? ctx->policy : ngx_http_cloakroom_find_policy(r);

    if (policy == NULL) {
        return NGX_DECLINED;
    }

    if (ngx_http_cloakroom_engine == NULL) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    if (ctx == NULL) {
        ctx = ngx_http_cloakroom_create_ctx(r);
        if (ctx == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (ctx->policy != policy) {
        rc = ngx_http_cloakroom_start(ctx, policy);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    ctx->conf = lcf;
    ctx->internal = r->internal;

    *ctxp = ctx;

    switch (cloakroom_request_decision(ctx->decision)) {

    case CLOAKROOM_DECISION_FORWARD:
    case CLOAKROOM_DECISION_RESPOND:
        return NGX_OK;

    default:
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }
}


static ngx_http_cloakroom_section_t *
ngx_http_cloakroom_find_policy(ngx_http_request_t *r)
{
    ngx_uint_t                      i;
    cloakroom_str                   target;
    ngx_http_cloakroom_section_t   *own, **endpoints;
    ngx_http_cloakroom_srv_conf_t  *scf;
    ngx_http_cloakroom_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_cloakroom_module);
    scf = ngx_http_get_module_srv_conf(r, ngx_http_cloakroom_module);

    own = (lcf->policy == &ngx_http_cloakroom_off) ? NULL : lcf->policy;

    if (r->internal || ngx_http_cloakroom_engine == NULL) {
        return own;
    }

    /*
     * endpoints are found by the target as received, which the client and the
     * provider agree on: r->uri may have been normalized or rewritten
     */

    target = ngx_http_cloakroom_str(&r->unparsed_uri);
    endpoints = scf->endpoints.elts;

    for (i = 0; i < scf->endpoints.nelts; i++) {

        if (cloakroom_engine_answers(ngx_http_cloakroom_engine,
                ngx_http_cloakroom_policy_name(endpoints[i]), target))
        {
            /* a session policy answers those of its own provider */

            return (own && own->endpoints == endpoints[i]) ? own : endpoints[i];
        }
    }

    return own;
}
