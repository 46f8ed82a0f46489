using System.CommandLine;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Commands.Keys;

/// <summary><c>tenet keys</c>: the keys of an installation, never the keys themselves.</summary>
internal static class KeysCommand
{
    public static Command Create() =>
        new("keys", "List, rotate, destroy, verify, export and import the keys that seal what is stored")
        {
            ListKeysCommand.Create(),
            StatusOfKeysCommand.Create(),
            new Command("rotate", "Put what is sealed under a new key, while Tenet runs")
            {
                RotateWorkspaceKeyCommand.Create(),
                RotateMasterKeyCommand.Create(),
            },
            DestroyKeysCommand.Create(),
            VerifyKeysCommand.Create(),
            ExportKeysCommand.Create(),
            ImportKeysCommand.Create(),
        };

    /// <summary>The named workspace, or every one.</summary>
    /// <exception cref="InvalidOperationException">There is none of this name.</exception>
    public static async Task<IReadOnlyList<Workspace>> WorkspacesAsync(IServiceProvider services, string? slug, CancellationToken ct) =>
        slug is null
            ? await services.GetRequiredService<WorkspaceDirectory>().ListAsync(ct)
            : [await services.WorkspaceNamedAsync(slug, ct)];

    public static Task<T> InAsync<T>(
        IServiceProvider services,
        Guid workspace,
        Func<WorkspaceContext, Task<T>> work,
        CancellationToken ct
    ) => services.GetRequiredService<WorkspaceScope>().RunAsync(workspace, Actor.Operator, work, ct);

    public static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
}
