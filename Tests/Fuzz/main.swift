import Foundation

/// What Tests/run fuzz calls.
let help = """
    usage: Fuzz list                        names of the targets, longest inputs, what they read
           Fuzz prepare TARGET FOLDER       writes seeds and words there
           Fuzz replay TARGET FILE…         runs inputs once
           Fuzz pack TARGET FOLDER          the folder's inputs as a text for Tests/Fuzz/Corpus
           Fuzz run TARGET OPTION…          libFuzzer, where it is built in
    """

func fail(_ text: String) -> Never {
    print(text)
    exit(2)
}

func contents(_ path: String) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else { fail("no file \(path)") }
    return Array(data)
}

/// What a fuzzer begins with: seeds, and what the repository keeps.
func beginnings(_ target: FuzzTarget) -> [[UInt8]] {
    let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Corpus/\(target.name).txt")
    let kept = (try? String(contentsOf: corpus, encoding: .utf8)) ?? ""
    return target.seeds() + Corpus.inputs(kept)
}

func prepare(_ target: FuzzTarget, _ folder: String) throws {
    let seeds = folder + "/seeds"
    try? FileManager.default.removeItem(atPath: seeds)
    try FileManager.default.createDirectory(atPath: seeds, withIntermediateDirectories: true)
    for (index, input) in beginnings(target).enumerated() {
        try Data(input).write(to: URL(filePath: "\(seeds)/\(index)"))
    }
    try Data(Corpus.dictionary(target.words).utf8)
        .write(to: URL(filePath: folder + "/words"))
}

let longestLine = 1_000

func pack(_ target: FuzzTarget, _ folder: String) throws {
    let known = Set(target.seeds())
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    let inputs = names.map { contents(folder + "/" + $0) }.filter { !known.contains($0) }
    // What is long comes from the seeds; a repository is no place for a thousand more of it.
    let short = inputs.filter { Corpus.line($0).utf8.count <= longestLine }
    let order = short.sorted { ($0.count, Corpus.line($0)) < ($1.count, Corpus.line($1)) }
    print(Corpus.text(order), terminator: "")
}

let words = Array(CommandLine.arguments.dropFirst())
if words == ["list"] {
    for target in FuzzTarget.all {
        print(target.name, target.longest, target.about, separator: "\t")
    }
    exit(0)
}
guard words.count >= 2 else { fail(help) }
guard let target = FuzzTarget.named(words[1]) else { fail("there is no target \(words[1])") }
let rest = Array(words.dropFirst(2))
switch (words[0], rest.count) {
case ("prepare", 1): try prepare(target, rest[0])
case ("pack", 1): try pack(target, rest[0])
case ("replay", 1...):
    for path in rest {
        target.perform(contents(path))
        print("\(target.name): \(path) does no harm")
    }
case ("run", _): LibFuzzer.run(target, rest)
default: fail(help)
}
