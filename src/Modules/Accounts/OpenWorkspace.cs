using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Accounts;

/// <summary>Opens a workspace for a business, with the person who owns it: the operator's work. Asked again after it was cut off, it goes on.</summary>
public sealed class OpenWorkspace
{
    private readonly WorkspaceDirectory _directory;
    private readonly WorkspaceScope _door;
    private readonly Members _members;

    internal OpenWorkspace(WorkspaceDirectory directory, WorkspaceScope door, Members members) =>
        (_directory, _door, _members) = (directory, door, members);

    /// <param name="slug">Lower-case letters, digits and hyphens; unique in the installation.</param>
    /// <param name="language">Of the business's pages: en, de, fr, es or vi.</param>
    /// <exception cref="RuleException">One of them cannot be used, or the slug is another business's.</exception>
    public async Task<Workspace> RunAsync(string name, string slug, string language, string owner, CancellationToken ct)
    {
        var validation = new Validation();
        validation.OneOf("language", language, [.. WorkspaceSettings.Languages.Keys]);
        owner = validation.Email("owner", owner);
        validation.Throw();
        var workspace = await FindUnfinishedAsync(slug, ct) ?? await _directory.OpenAsync(name, slug, language, ct);
        await _members.CreateOwnerAsync(workspace.Id, owner, owner[..owner.IndexOf('@', StringComparison.Ordinal)], ct);
        return workspace;
    }

    private async Task<Workspace?> FindUnfinishedAsync(string slug, CancellationToken ct) =>
        await _directory.FindAsync(slug, ct) is { } workspace
        && !await _door.RunAsync(
            workspace.Id,
            Actor.Operator,
            ctx => ctx.ScalarAsync<bool>($"select exists (select from accounts.member)", ct),
            ct
        )
            ? workspace
            : null;
}
