using System.CommandLine;
using System.Globalization;
using Tenet.Kernel.Vault;

namespace Tenet.Commands.Keys;

/// <summary><c>tenet keys verify</c>: opens every key and every sealed value, and says which do not open.</summary>
internal static class VerifyKeysCommand
{
    private static readonly Argument<string?> Name = new("WORKSPACE")
    {
        Description = "The workspace's short name (default: all, and the installation itself)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Blobs = new("--blobs") { Description = "Read every blob from end to end too" };

    public static Command Create()
    {
        var command = new Command("verify", "Open every key and every sealed value; the exit code is 1 when one does not open")
        {
            Name,
            Blobs,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var results = await Installation.WithServicesAsync(
                    parsed,
                    "Verifying",
                    async (_, services, progress) =>
                    {
                        var verify = services.GetRequiredService<KeyVerification>();
                        var results = new List<(string Name, VerifiedKeys Result)>();
                        if (parsed.GetValue(Name) is null)
                            results.Add(("installation", await verify.InstallationAsync(ct)));
                        foreach (var workspace in await KeysCommand.WorkspacesAsync(services, parsed.GetValue(Name), ct))
                        {
                            progress.Report("Verifying " + workspace.Slug);
                            results.Add((workspace.Slug, await verify.WorkspaceAsync(workspace.Id, parsed.GetValue(Blobs), ct)));
                        }
                        return results;
                    },
                    ct
                );
                foreach (var (name, result) in results)
                    Print(name, result);
                return results.Exists(r => r.Result.Broken.Count > 0) ? 1 : 0;
            }
        );
        return command;
    }

    private static void Print(string name, VerifiedKeys result)
    {
        var state = result.Broken.Count == 0 ? "ok" : "BROKEN";
        var shredded = result.Shredded > 0 ? string.Create(CultureInfo.InvariantCulture, $", {result.Shredded:N0} shredded") : "";
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name, -24} {state, -7} {result.Keys:N0} keys, {result.Values:N0} values open{shredded}"
            )
        );
        foreach (var broken in result.Broken)
            Console.WriteLine("  " + broken);
    }
}
