import Glibc

do {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    if options.wantsHelp {
        print(Options.help)
    } else if options.listsOnly {
        for property in Property.allCases { print("\(property.rawValue)  \(property.sentence)") }
        for part in BrokenPart.allCases { print("--break \(part.rawValue)  \(part.sentence)") }
    } else {
        var campaign = Campaign(options)
        exit(campaign.run())
    }
} catch {
    print(error.text)
    exit(2)
}
