using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Notices;

/// <summary>Who is written to about a workspace's policy: its owners and admins.</summary>
internal static class Responsible
{
    public static async Task<IReadOnlyList<Member>> ListAsync(WorkspaceContext ctx, CancellationToken ct) =>
        [.. (await Members.ListAsync(ctx, ct)).Where(member => Access.Reaches(member.Role, Access.Admin))];
}
