
/*
 * What the upstream gets: the header fields of the client, edited.
 */


#include "ngx_http_cloakroom_module.h"


static ngx_int_t ngx_http_cloakroom_get_edits(ngx_http_request_t *r,
    cloakroom_request *decision, ngx_array_t *edits);
static ngx_uint_t ngx_http_cloakroom_is_edited(ngx_array_t *edits,
    ngx_str_t *name);
static ngx_int_t ngx_http_cloakroom_push_header(ngx_http_request_t *r,
    cloakroom_header *edit);
static ngx_int_t ngx_http_cloakroom_refresh(ngx_http_request_t *r);
static void ngx_http_cloakroom_refresh_variables(ngx_http_request_t *r);


#define ngx_http_cloakroom_is_header(h, name)                                 \
    ((h)->key.len == sizeof(name) - 1                                         \
     && ngx_strncmp((h)->lowcase_key, name, sizeof(name) - 1) == 0)


/*
 * Makes the list of header fields anew, from what the client sent: copies of
 * its elements, so that pointers to those stay good.  To set an element's hash
 * to 0 would not be enough: the upstream modules do not look at it.
 *
 * decision is NULL where the request is to go on as the client sent it.
 */

ngx_int_t
ngx_http_cloakroom_edit_request(ngx_http_request_t *r,
    ngx_http_cloakroom_ctx_t *ctx, cloakroom_request *decision)
{
    ngx_uint_t         i;
    ngx_array_t        edits;
    ngx_list_part_t   *part;
    ngx_table_elt_t   *h, *copy;
    cloakroom_header  *edit;

    if (ngx_http_cloakroom_get_edits(r, decision, &edits) != NGX_OK) {
        return NGX_ERROR;
    }

    /* one part for all: the proxy misreads an empty one behind the first */

    if (ngx_list_init(&r->headers_in.headers, r->pool,
                      ctx->nheaders + edits.nelts + 1, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (part = &ctx->headers; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (ngx_http_cloakroom_is_edited(&edits, &h[i].key)) {
                continue;
            }

            copy = ngx_list_push(&r->headers_in.headers);
            if (copy == NULL) {
                return NGX_ERROR;
            }

            *copy = h[i];
        }
    }

    edit = edits.elts;

    for (i = 0; i < edits.nelts; i++) {

        if (edit[i].value.data
            && ngx_http_cloakroom_push_header(r, &edit[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ctx->edited = decision;

    ngx_http_cloakroom_refresh_variables(r);

    return ngx_http_cloakroom_refresh(r);
}


static ngx_int_t
ngx_http_cloakroom_get_edits(ngx_http_request_t *r, cloakroom_request *decision,
    ngx_array_t *edits)
{
    cloakroom_header  header, *edit;

    if (ngx_array_init(edits, r->pool, 8, sizeof(cloakroom_header)) != NGX_OK) {
        return NGX_ERROR;
    }

    while (cloakroom_request_header(decision, CLOAKROOM_HEADERS_UPSTREAM,
                                    edits->nelts, &header)
           == CLOAKROOM_OK)
    {
        edit = ngx_array_push(edits);
        if (edit == NULL) {
            return NGX_ERROR;
        }

        *edit = header;
    }

    return NGX_OK;
}


/* many upstreams take X_User for X-User: a look-alike is the same name */

static ngx_uint_t
ngx_http_cloakroom_is_edited(ngx_array_t *edits, ngx_str_t *name)
{
    u_char             a, b;
    ngx_uint_t         i, n;
    cloakroom_header  *edit;

    edit = edits->elts;

    for (i = 0; i < edits->nelts; i++) {

        if (edit[i].name.len != name->len) {
            continue;
        }

        for (n = 0; n < name->len; n++) {
            a = ngx_tolower(name->data[n]);
            b = ngx_tolower(edit[i].name.data[n]);

            if ((a == '_' ? '-' : a) != (b == '_' ? '-' : b)) {
                break;
            }
        }

        if (n == name->len) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_cloakroom_push_header(ngx_http_request_t *r, cloakroom_header *edit)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_in.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    /* the decision outlives the request: nothing to copy */

    h->key.len = edit->name.len;
    h->key.data = (u_char *) edit->name.data;
    h->value.len = edit->value.len;
    h->value.data = (u_char *) edit->value.data;

    h->lowcase_key = ngx_pnalloc(r->pool, h->key.len);
    if (h->lowcase_key == NULL) {
        return NGX_ERROR;
    }

    h->hash = ngx_hash_strlow(h->lowcase_key, h->key.data, h->key.len);

    return NGX_OK;
}


/*
 * What nginx remembers of Authorization and Cookie.  No other header field that
 * it remembers is ever edited.
 */

static ngx_int_t
ngx_http_cloakroom_refresh(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_table_elt_t  *h, **cookie;

    r->headers_in.authorization = NULL;
    ngx_str_null(&r->headers_in.user);
    ngx_str_null(&r->headers_in.passwd);

#if (nginx_version >= 1023000)
    cookie = &r->headers_in.cookie;
    *cookie = NULL;
#else
    if (ngx_array_init(&r->headers_in.cookies, r->pool, 2,
                       sizeof(ngx_table_elt_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }
#endif

    h = r->headers_in.headers.part.elts;

    for (i = 0; i < r->headers_in.headers.part.nelts; i++) {

        if (ngx_http_cloakroom_is_header(&h[i], "authorization")) {
            r->headers_in.authorization = &h[i];

        } else if (ngx_http_cloakroom_is_header(&h[i], "cookie")) {

#if (nginx_version >= 1023000)
            *cookie = &h[i];
            cookie = &h[i].next;
            *cookie = NULL;
#else
            cookie = ngx_array_push(&r->headers_in.cookies);
            if (cookie == NULL) {
                return NGX_ERROR;
            }

            *cookie = &h[i];
#endif
        }
    }

    return NGX_OK;
}


/* values read before the access phase, e.g. by "set" or "if" */

static void
ngx_http_cloakroom_refresh_variables(ngx_http_request_t *r)
{
    ngx_str_t                  *name;
    ngx_uint_t                  i;
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {
        name = &v[i].name;

        if (ngx_strncmp(name->data, "http_", 5) == 0
            || ngx_strncmp(name->data, "cookie_", 7) == 0
            || (name->len == 11
                && ngx_strncmp(name->data, "remote_user", 11) == 0))
        {
            r->variables[i].valid = 0;
            r->variables[i].not_found = 0;
        }
    }
}
