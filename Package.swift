// swift-tools-version: 6.2
import PackageDescription

// The layers of the house, from the ground up.  A target imports only what stands
// above it in this file; the compiler refuses an arrow that points the other way.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

func layer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func library(_ name: String, package: String, debian: String) -> Target {
    .systemLibrary(name: name, pkgConfig: package, providers: [.apt([debian])])
}

let package = Package(
    name: "Cloakroom",
    products: [
        .library(name: "cloakroom", type: .dynamic, targets: ["Cloakroom"]),
    ],
    targets: [
        // C libraries, and what Swift cannot call of them.
        library("COpenSSL", package: "libcrypto", debian: "libssl-dev"),
        library("CJansson", package: "jansson", debian: "libjansson-dev"),
        library("CSQLite", package: "sqlite3", debian: "libsqlite3-dev"),
        library("CCurl", package: "libcurl", debian: "libcurl4-openssl-dev"),
        .target(name: "CShims"),
        .systemLibrary(name: "CCloakroom", path: "Include"),

        // Ring 0: bytes, header fields, primitives of OpenSSL, log lines, locks.
        layer("Encodings", ["CJansson", "CShims"]),
        layer("Locks", []),
        layer("Cryptography", ["Encodings", "Locks", "COpenSSL", "CShims"]),
        layer("HTTPMessages", ["Encodings"]),
        layer("Observability", ["Encodings"]),

        // Ring 1: keys and tokens; messages to and from the provider; what we
        // remember about a browser; what the operator wants.
        layer("JOSE", ["Encodings", "Cryptography"]),
        layer("OAuth", ["Encodings", "Cryptography", "HTTPMessages", "JOSE"]),
        layer("Sessions", ["Encodings", "Cryptography"]),
        layer("Configuration", ["Encodings", "HTTPMessages", "JOSE", "OAuth", "Sessions"]),

        // Ring 2: what happens to a request.  No I/O, no clock, no thread.
        layer("Engine", [
            "Encodings", "Cryptography", "HTTPMessages", "Observability",
            "JOSE", "OAuth", "Sessions", "Configuration",
        ]),

        // Ring 3: how things travel.  Each owns one C library.
        layer("CurlTransport", ["Encodings", "HTTPMessages", "Locks", "CCurl", "CShims"]),
        layer("MemoryStore", ["Encodings", "Locks", "Sessions"]),
        layer("SQLiteStore", ["Encodings", "Cryptography", "Sessions", "CSQLite", "CShims"]),

        // Ring 4: when things run.
        layer("Runtime", [
            "Encodings", "Cryptography", "HTTPMessages", "Observability", "Locks", "Sessions",
            "Configuration", "Engine", "CurlTransport", "MemoryStore", "SQLiteStore", "CShims",
        ]),

        // Ring 5: the C interface.
        .target(
            name: "Cloakroom",
            dependencies: [
                "CCloakroom", "CShims", "Encodings", "HTTPMessages", "Observability", "JOSE",
                "Configuration", "Engine", "Runtime",
            ],
            exclude: ["Exports.map"],
            swiftSettings: strict,
            linkerSettings: [
                .unsafeFlags([
                    "-static-stdlib", "-use-ld=lld",
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/Cloakroom/Exports.map",
                    "-Xlinker", "-soname=libcloakroom.so.0",
                    "-Xlinker", "-z", "-Xlinker", "nodelete",
                    "-Xlinker", "--gc-sections",
                ]),
            ]
        ),
    ]
)

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, swiftSettings: [
        .swiftLanguageMode(.v6), .enableExperimentalFeature("Lifetimes"), .treatAllWarnings(as: .error),
    ])
}

package.targets += [
    // Signs tokens for the tests of several layers.
    .target(
        name: "TokenForge", dependencies: ["Encodings", "COpenSSL"], path: "Tests/TokenForge",
        swiftSettings: [
            .swiftLanguageMode(.v6), .enableUpcomingFeature("InternalImportsByDefault"),
            .treatAllWarnings(as: .error),
        ]
    ),
    // Random bytes that come again, for the tests of several layers.
    .target(
        name: "Chance", dependencies: ["Cryptography"], path: "Tests/Chance",
        swiftSettings: [
            .swiftLanguageMode(.v6), .enableUpcomingFeature("InternalImportsByDefault"),
            .treatAllWarnings(as: .error),
        ]
    ),
    // Runs records of test vectors from files; see Tests/Vectors.
    .executableTarget(
        name: "VectorRunner",
        dependencies: ["Encodings", "Cryptography", "JOSE", "OAuth", "BothWays"],
        path: "Tests/VectorRunner",
        swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]
    ),
    // Lives through worlds made from seeds: the shipped engine among failing stores, providers and
    // clocks.  Tests/run calls it.
    .executableTarget(
        name: "Simulation",
        dependencies: [
            "Engine", "MemoryStore", "Configuration", "Sessions", "OAuth", "HTTPMessages",
            "Cryptography", "Encodings", "Observability", "TokenForge",
        ],
        path: "Tests/Simulation",
        swiftSettings: [
            .swiftLanguageMode(.v6), .enableExperimentalFeature("Lifetimes"),
            .treatAllWarnings(as: .error),
        ]
    ),
    // Reads tokens on both ways, for differential tests.
    .target(
        name: "BothWays", dependencies: ["OAuth", "JOSE", "Cryptography", "Encodings"],
        path: "Tests/BothWays",
        swiftSettings: [
            .swiftLanguageMode(.v6), .enableUpcomingFeature("InternalImportsByDefault"),
            .enableExperimentalFeature("Lifetimes"), .treatAllWarnings(as: .error),
        ]
    ),
    // Parsers under libFuzzer; see Tests/Runner/fuzzing.py.  A plain build of it replays inputs.
    .executableTarget(
        name: "Fuzz",
        dependencies: [
            "Engine", "CurlTransport", "MemoryStore", "Configuration", "Sessions", "OAuth", "JOSE",
            "HTTPMessages", "Observability", "Cryptography", "Encodings", "CCurl", "CJansson",
            "TokenForge", "BothWays",
        ],
        path: "Tests/Fuzz", exclude: ["Corpus", "Host"],
        swiftSettings: [
            .swiftLanguageMode(.v6), .enableExperimentalFeature("Lifetimes"),
            .treatAllWarnings(as: .error),
        ]
    ),
    tests("Encodings", ["Encodings"]),
    tests("Cryptography", ["Cryptography", "Encodings", "COpenSSL"]),
    tests("HTTPMessages", ["HTTPMessages", "Encodings"]),
    tests("Observability", ["Observability", "Encodings"]),
    tests("JOSE", ["JOSE", "Cryptography", "Encodings", "TokenForge"]),
    tests("OAuth", [
        "OAuth", "JOSE", "HTTPMessages", "Cryptography", "Encodings", "TokenForge", "BothWays",
    ]),
    tests("Sessions", ["Sessions", "Cryptography", "Encodings"]),
    tests("Documentation", [
        "Configuration", "OAuth", "JOSE", "Encodings", "Engine", "TokenForge",
    ]),
    tests("Configuration", [
        "Configuration", "OAuth", "JOSE", "HTTPMessages", "Sessions", "Encodings", "TokenForge",
    ]),
    tests("Engine", [
        "Engine", "Configuration", "OAuth", "JOSE", "Sessions", "HTTPMessages", "Observability",
        "Cryptography", "Encodings", "MemoryStore", "TokenForge", "Chance",
    ]),
    // Plays the Markdown files of Tests/Transcripts.
    tests("Transcript", [
        "Engine", "Configuration", "OAuth", "Sessions", "HTTPMessages", "Observability",
        "Cryptography", "Encodings", "MemoryStore", "TokenForge", "Chance",
    ]),
    tests("CurlTransport", ["CurlTransport", "HTTPMessages", "Encodings"]),
    tests("Store", [
        "SQLiteStore", "MemoryStore", "Sessions", "Cryptography", "Encodings", "CSQLite",
    ]),
    tests("Runtime", [
        "Runtime", "Engine", "Configuration", "OAuth", "JOSE", "Sessions", "HTTPMessages",
        "Observability", "Cryptography", "Encodings", "SQLiteStore", "CSQLite",
    ]),
]
