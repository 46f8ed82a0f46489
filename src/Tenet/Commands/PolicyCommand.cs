using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tenet.Kernel.Policies;

namespace Tenet.Commands;

/// <summary><c>tenet policy</c>: check, compare and publish policies, and print the schema that editors read.</summary>
internal static class PolicyCommand
{
    private static readonly Argument<FileInfo> PolicyFile = new("FILE") { Description = "A policy file" };

    private static readonly Argument<string> FileOrName = new("FILE|NAME")
    {
        Description = "A policy file, or the name of a draft that came with an upgrade",
    };

    private static readonly Option<DateOnly?> Effective = new("--effective")
    {
        Description = "The day it takes effect (default: the file's; of a draft the first possible one)",
        HelpName = "YYYY-MM-DD",
        CustomParser = result =>
        {
            if (
                DateOnly.TryParseExact(result.Tokens[0].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            )
            {
                return day;
            }
            result.AddError("--effective takes a day such as 2026-12-31.");
            return null;
        },
    };

    public static Command Create() =>
        new("policy", "Check, compare and publish policies") { Check(), Drafts(), Publish(), AttestCommand.Create(), Schema() };

    private static Command Check()
    {
        var command = new Command("check", "Read a policy file and say what is wrong with it") { PolicyFile, Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
            {
                var files = PolicyFiles.With(parsed.GetRequiredValue(PolicyFile));
                var policy = await RunAsync(parsed, services => Task.FromResult(services.GetRequiredService<PolicyBook>().Read(files)), ct);
                Console.WriteLine(
                    $"{policy.Name} {policy.Version} is a policy of {policy.Promises.Count} promises, {policy.Claims.Count()} claims."
                );
            }
        );
        return command;
    }

    private static Command Publish()
    {
        var command = new Command(
            "publish",
            "Publish a version of a policy; one that changes what was promised takes effect after its notice"
        )
        {
            FileOrName,
            Effective,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var named = parsed.GetRequiredValue(FileOrName);
                var files =
                    File.Exists(named) || named.EndsWith(".yaml", StringComparison.Ordinal) ? PolicyFiles.With(new FileInfo(named)) : null;
                var published = await RunAsync(
                    parsed,
                    services =>
                    {
                        var publish = services.GetRequiredService<PublishPolicy>();
                        return files is null
                            ? publish.RunAsync(named, parsed.GetValue(Effective), ct)
                            : publish.RunAsync(files, parsed.GetValue(Effective), ct);
                    },
                    ct
                );
                var policy = published.Policy;
                Console.WriteLine(
                    $"{policy.Name} {policy.Version} of {policy.Promises.Count} promises is published and takes effect on {policy.Effective:yyyy-MM-dd}."
                );
                if (published is { Replaces: { } replaced, IsMaterial: true })
                {
                    Console.WriteLine(
                        $"It changes what {replaced} promised. A running Tenet writes to owners and admins within minutes; let it run today."
                    );
                }
            }
        );
        return command;
    }

    private static Command Drafts()
    {
        var command = new Command("drafts", "Show policies that came with an upgrade and are not published, and what they change")
        {
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var changes = await RunAsync(
                    parsed,
                    async services =>
                    {
                        var book = services.GetRequiredService<PolicyBook>();
                        var found = new List<PolicyChange>();
                        foreach (var draft in await services.GetRequiredService<ShippedPolicies>().DraftsAsync(ct))
                        {
                            var before = (await book.VersionsAsync(draft.Policy.Name, ct))[0].Policy;
                            found.Add(PolicyChange.Between(before, draft.Policy));
                        }
                        return found;
                    },
                    ct
                );
                Print(changes);
            }
        );
        return command;
    }

    private static void Print(IReadOnlyList<PolicyChange> drafts)
    {
        if (drafts.Count == 0)
        {
            Console.WriteLine("No policy waits to be published.");
        }
        foreach (var change in drafts)
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumns("Promise", "Was", "Becomes", "Notice");
            foreach (var item in change.Changes)
            {
                table.AddRow(
                    Markup.Escape(item.PromiseId.Length > 0 ? item.PromiseId : item.Says),
                    Markup.Escape(item.Before ?? "-"),
                    Markup.Escape(item.After ?? "-"),
                    item.IsMaterial ? "needed" : ""
                );
            }
            AnsiConsole.WriteLine($"{change.After.Name} {change.Before.Version} → {change.After.Version}");
            AnsiConsole.Write(table);
            AnsiConsole.WriteLine(
                change.IsMaterial
                    ? $"It changes what was promised: {change.Before.Notice} notice. Publish it with: tenet policy publish {change.After.Name}"
                    : $"It takes nothing back, so it may take effect today. Publish it with: tenet policy publish {change.After.Name}"
            );
        }
    }

    private static Command Schema()
    {
        var command = new Command("schema", "Print the JSON Schema of policy files") { Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
                Console.WriteLine(
                    await RunAsync(
                        parsed,
                        services => Task.FromResult(PolicySchema.Write(services.GetRequiredService<PolicyReader>().Kinds)),
                        ct
                    )
                )
        );
        return command;
    }

    private static Task<T> RunAsync<T>(ParseResult parsed, Func<IServiceProvider, Task<T>> work, CancellationToken ct) =>
        Installation.WithServicesAsync(parsed, "Reading", (_, services, _) => work(services), ct);
}
