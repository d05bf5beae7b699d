#ifndef CSHIMS_CURL_H
#define CSHIMS_CURL_H
#include <curl/curl.h>

/* curl_easy_setopt(3), curl_easy_getinfo(3) and curl_multi_setopt(3), one
 * function for each type of value. */
static inline CURLcode cshims_curl_set_long(CURL *easy, CURLoption option,
    long value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cshims_curl_set_offset(CURL *easy, CURLoption option,
    curl_off_t value)
{
    return curl_easy_setopt(easy, option, value);
}

/* Strings are copied by libcurl, but for CURLOPT_POSTFIELDS. */
static inline CURLcode cshims_curl_set_text(CURL *easy, CURLoption option,
    const char *value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cshims_curl_set_pointer(CURL *easy, CURLoption option,
    void *value)
{
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cshims_curl_set_headers(CURL *easy,
    struct curl_slist *list)
{
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
}

static inline CURLcode cshims_curl_set_body_function(CURL *easy,
    curl_write_callback function)
{
    return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
}

static inline CURLcode cshims_curl_set_header_function(CURL *easy,
    curl_write_callback function)
{
    return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, function);
}

static inline CURLcode cshims_curl_set_socket_function(CURL *easy,
    curl_opensocket_callback function)
{
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, function);
}

static inline CURLcode cshims_curl_set_prerequest_function(CURL *easy,
    curl_prereq_callback function)
{
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}

static inline CURLcode cshims_curl_get_long(CURL *easy, CURLINFO info,
    long *value_out)
{
    return curl_easy_getinfo(easy, info, value_out);
}

static inline CURLMcode cshims_curl_multi_set_long(CURLM *multi,
    CURLMoption option, long value)
{
    return curl_multi_setopt(multi, option, value);
}

/* The address proper; it may be longer than the field that it begins in. */
static inline const struct sockaddr *cshims_curl_address(
    const struct curl_sockaddr *address)
{
    return &address->addr;
}
#endif
