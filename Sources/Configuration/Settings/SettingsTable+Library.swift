import Encodings

extension SettingsTable {
    static let global: [Setting] = [
        Setting(
            "store", .global, .text, check: Checks.store,
            """
            Where sessions are kept, and providers' keys for a restart during an outage: an \
            absolute path of an SQLite file (also written `sqlite:/path`), or `memory`, which ends \
            with the process and which no two share. Needed as soon as a policy keeps sessions.
            """),
        Setting(
            "key_file", .global, .secretFile, check: Checks.keyFile,
            """
            The keys that seal cookies and what is stored; needed with `store`. Who has this file \
            and the store still lacks the cookies; who loses it ends all sessions.
            """),
        Setting(
            "development", .global, .flag, standard: "off",
            """
            `on` admits plain http for issuers and for the public origin, on localhost only. It \
            opens everything on that connection to whoever can listen on this machine: never for \
            production.
            """),
        Setting(
            "shutdown_timeout", .global, .milliseconds(0...300_000), standard: "15s",
            """
            How long an ending process waits for token answers it has already asked for. With \
            less, a reload may lose a rotated refresh token and so a session.
            """),
        Setting(
            "token_cache_size", .global, .integer(0...1_000_000), standard: "10000",
            """
            How many bearer tokens a worker remembers as good, until they expire or the keys \
            change; what is not used goes first. Each takes a few kilobytes. `0`: every request's \
            token is verified.
            """),
    ]
}
