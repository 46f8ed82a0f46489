using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tenet.Kernel.Vault;

namespace Tenet.Commands.Keys;

/// <summary><c>tenet keys list</c>: every version of every key, with when it was made and destroyed.</summary>
internal static class ListKeysCommand
{
    public static Command Create()
    {
        var command = new Command("list", "Show the versions of every key, and when they were made and destroyed") { Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
            {
                var table = await Installation.WithServicesAsync(
                    parsed,
                    "Reading the keys",
                    async (_, services, _) =>
                    {
                        var table = new Table().AddColumns("key", "version", "under", "made", "destroyed").Border(TableBorder.Simple);
                        foreach (var root in await services.GetRequiredService<KeyStatus>().RootsAsync(ct))
                            table.AddRow(
                                "root",
                                Number(root.Version),
                                Markup.Escape(root.Master),
                                KeysCommand.Time(root.CreatedAt),
                                Destroyed(root.DestroyedAt)
                            );
                        foreach (var workspace in await KeysCommand.WorkspacesAsync(services, null, ct))
                        {
                            var (keys, persons) = await KeysCommand.InAsync(
                                services,
                                workspace.Id,
                                ctx => KeyStatus.OfWorkspaceAsync(ctx, ct),
                                ct
                            );
                            foreach (var key in keys)
                                table.AddRow(
                                    Markup.Escape(workspace.Slug),
                                    Number(key.Version),
                                    key.Root is { } root ? "root " + Number(root) : "",
                                    KeysCommand.Time(key.CreatedAt),
                                    Destroyed(key.DestroyedAt)
                                );
                            if (persons.Live + persons.Shredded > 0)
                                table.AddRow(
                                    Markup.Escape(workspace.Slug) + " persons",
                                    "",
                                    Markup.Escape(workspace.Slug),
                                    $"{persons.Live} in use",
                                    persons.Shredded > 0 ? $"{persons.Shredded} shredded" : ""
                                );
                        }
                        return table;
                    },
                    ct
                );
                AnsiConsole.Write(table);
            }
        );
        return command;
    }

    private static string Number(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static string Destroyed(DateTimeOffset? at) => at is { } time ? KeysCommand.Time(time) : "";
}
