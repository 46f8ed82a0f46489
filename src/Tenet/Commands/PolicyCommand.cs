using System.CommandLine;
using Tenet.Kernel.Policies;

namespace Tenet.Commands;

/// <summary><c>tenet policy</c>: check and publish policy files, and print the schema that editors read.</summary>
internal static class PolicyCommand
{
    private static readonly Argument<FileInfo> PolicyFile = new("FILE") { Description = "A policy file" };

    public static Command Create() =>
        new("policy", "Check and publish policies")
        {
            OnFile(
                "check",
                "Read a policy file and say what is wrong with it",
                (book, files, _) => Task.FromResult(book.Read(files)),
                "is a policy"
            ),
            OnFile("publish", "Publish a version of a policy", (book, files, ct) => book.PublishAsync(files, ct), "is published"),
            Schema(),
        };

    private static Command OnFile(
        string name,
        string says,
        Func<PolicyBook, IReadOnlyList<(string, byte[])>, CancellationToken, Task<Policy>> work,
        string done
    )
    {
        var command = new Command(name, says) { PolicyFile, Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
            {
                var files = PolicyFiles.With(parsed.GetRequiredValue(PolicyFile));
                var policy = await Installation.WithServicesAsync(
                    parsed,
                    "Reading",
                    (_, services, _) => work(services.GetRequiredService<PolicyBook>(), files, ct),
                    ct
                );
                Console.WriteLine(
                    $"{policy.Name} {policy.Version} {done} of {policy.Promises.Count} promises, {policy.Claims.Count()} claims."
                );
            }
        );
        return command;
    }

    private static Command Schema()
    {
        var command = new Command("schema", "Print the JSON Schema of policy files") { Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
                Console.WriteLine(
                    await Installation.WithServicesAsync(
                        parsed,
                        "Asking for the claim kinds",
                        (_, services, _) => Task.FromResult(PolicySchema.Write(services.GetRequiredService<PolicyReader>().Kinds)),
                        ct
                    )
                )
        );
        return command;
    }
}
