/* What a browser sends along with each request, whoever is measured. */
#ifndef BROWSER_H
#define BROWSER_H

static const char *browser[][2] = {
    { "Host", "app.example.com" },
    { "User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" },
    { "Accept", "application/json" },
    { "Accept-Language", "en-GB,en;q=0.9" },
    { "Accept-Encoding", "gzip, deflate, br" },
    { "Referer", "https://app.example.com/page" },
    { "Sec-Fetch-Site", "same-origin" },
    { "Sec-Fetch-Mode", "cors" },
    { "Sec-Fetch-Dest", "empty" },
    { "Connection", "keep-alive" },
    { "Cache-Control", "no-cache" }
};

#define BROWSER  (sizeof(browser) / sizeof(browser[0]))

#endif /* BROWSER_H */
