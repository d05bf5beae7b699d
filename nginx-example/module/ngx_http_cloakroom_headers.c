
/*
 * What the upstream gets: the header fields of the client, edited.
 */


#include "ngx_http_cloakroom_module.h"


static ngx_uint_t ngx_http_cloakroom_is_edited(const cloakroom_header *edit,
    size_t n, ngx_str_t *name);
static ngx_int_t ngx_http_cloakroom_set_header(ngx_http_request_t *r,
    ngx_table_elt_t *h, const cloakroom_header *edit);
static ngx_int_t ngx_http_cloakroom_set_known_headers(ngx_http_request_t *r);
static void ngx_http_cloakroom_forget_variables(ngx_http_request_t *r);


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
    size_t                   n;
    ngx_uint_t               i;
    ngx_list_t              *list;
    ngx_list_part_t         *part;
    ngx_table_elt_t         *h, *copy;
    const cloakroom_header  *edit;

    n = cloakroom_request_headers(decision, CLOAKROOM_HEADERS_UPSTREAM, &edit);

    if (n == 0 && ctx->edited == NULL) {

        /* the request goes on as it came */

        ctx->edited = decision;
        return NGX_OK;
    }

    /* one part for all: the proxy misreads an empty one behind the first */

    list = &r->headers_in.headers;

    if (ngx_list_init(list, r->pool, ctx->nheaders + n + 1,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    copy = list->part.elts;

    for (part = &ctx->headers; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (!ngx_http_cloakroom_is_edited(edit, n, &h[i].key)) {
                *copy++ = h[i];
            }
        }
    }

    for (i = 0; i < n; i++) {

        if (edit[i].value.data
            && ngx_http_cloakroom_set_header(r, copy++, &edit[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    list->part.nelts = copy - (ngx_table_elt_t *) list->part.elts;

    ctx->edited = decision;

    ngx_http_cloakroom_forget_variables(r);

    return ngx_http_cloakroom_set_known_headers(r);
}


/* many upstreams take X_User for X-User: a look-alike is the same name */

static ngx_uint_t
ngx_http_cloakroom_is_edited(const cloakroom_header *edit, size_t n,
    ngx_str_t *name)
{
    u_char      a, b;
    ngx_uint_t  i;

    for ( /* void */ ; n; n--, edit++) {

        if (edit->name.len != name->len) {
            continue;
        }

        for (i = 0; i < name->len; i++) {
            a = ngx_tolower(name->data[i]);
            b = ngx_tolower(edit->name.data[i]);

            if ((a == '_' ? '-' : a) != (b == '_' ? '-' : b)) {
                break;
            }
        }

        if (i == name->len) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_cloakroom_set_header(ngx_http_request_t *r, ngx_table_elt_t *h,
    const cloakroom_header *edit)
{
    ngx_memzero(h, sizeof(ngx_table_elt_t));

    /* the decision lives as long as the request: nothing to copy */

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
ngx_http_cloakroom_set_known_headers(ngx_http_request_t *r)
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
ngx_http_cloakroom_forget_variables(ngx_http_request_t *r)
{
    ngx_str_t                  *name;
    ngx_uint_t                  i;
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        if (!r->variables[i].valid && !r->variables[i].not_found) {
            continue;
        }

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
