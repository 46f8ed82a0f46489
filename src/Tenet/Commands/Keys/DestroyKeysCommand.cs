using System.CommandLine;
using Tenet.Kernel.Vault;

namespace Tenet.Commands.Keys;

/// <summary><c>tenet keys destroy WORKSPACE</c>: everything sealed in a workspace becomes unreadable, for good.</summary>
internal static class DestroyKeysCommand
{
    private static readonly Argument<string> Name = new("WORKSPACE") { Description = "The workspace's short name" };

    private static readonly Option<string?> Confirm = new("--confirm")
    {
        Description = "The workspace's short name once more, instead of typing it when asked",
        HelpName = "NAME",
    };

    public static Command Create()
    {
        var command = new Command("destroy", "Destroy a workspace's keys: what is sealed under them can never be read again")
        {
            Name,
            Confirm,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var name = parsed.GetRequiredValue(Name);
                DemandConfirmation(name, parsed.GetValue(Confirm));
                var at = await Installation.WithServicesAsync(
                    parsed,
                    "Destroying",
                    async (_, services, _) =>
                    {
                        var workspace = (await KeysCommand.WorkspacesAsync(services, name, ct))[0];
                        var keys = services.GetRequiredService<WorkspaceKeys>();
                        var at = await KeysCommand.InAsync(services, workspace.Id, ctx => keys.DestroyAsync(ctx, ct), ct);
                        await services.GetRequiredService<KeyStatus>().ScrubAsync(ct);
                        return at;
                    },
                    ct
                );
                Console.WriteLine(
                    at is { } time
                        ? $"The keys of {name} were destroyed at {KeysCommand.Time(time)}. Copies in older backups of the keys open it still: delete those too."
                        : $"{name} had no key left to destroy."
                );
            }
        );
        return command;
    }

    private static void DemandConfirmation(string name, string? given)
    {
        if (given is null && !Console.IsInputRedirected)
        {
            Console.Write($"Everything sealed in {name} becomes unreadable, for good. Type its name to go on: ");
            given = Console.ReadLine()?.Trim();
        }
        if (!name.Equals(given, StringComparison.Ordinal))
            throw new InvalidOperationException(
                "The name was not repeated; nothing was destroyed. Without a terminal, repeat it with --confirm."
            );
    }
}
