using System.Text.RegularExpressions;
using Npgsql;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Workspaces;

/// <summary>The list of workspaces of this deployment.</summary>
public sealed class WorkspaceDirectory(SystemScope system)
{
    /// <exception cref="RuleException">The slug is taken or not of its form.</exception>
    public async Task<Workspace> OpenAsync(string name, string slug, string language, CancellationToken ct)
    {
        var validation = new Validation();
        name = validation.Text("name", name, 200);
        validation.Check(
            Regex.IsMatch(slug, "^[a-z0-9][a-z0-9-]{0,62}$", RegexOptions.None, TimeSpan.FromSeconds(1)),
            "slug",
            "Lower-case letters, digits and hyphens, at most 63, please."
        );
        validation.Throw();
        return await system.RunAsync(
            async s =>
            {
                var workspace = new Workspace
                {
                    Id = Guid.CreateVersion7(s.Now),
                    Name = name,
                    Slug = slug,
                    Language = language,
                    CreatedAt = s.Now,
                };
                var rows = await s.ExecuteAsync(
                    $"""
                    insert into kernel.workspace (id, name, slug, language, created_at)
                    values ({workspace.Id}, {name}, {slug}, {language}, {s.Now}) on conflict (slug) do nothing
                    """,
                    ct
                );
                return rows == 1 ? workspace : throw new RuleException("slug", "This name is taken.");
            },
            ct
        );
    }

    /// <summary>All of them, by their short names.</summary>
    public Task<List<Workspace>> ListAsync(CancellationToken ct) =>
        system.RunAsync(
            s => s.ListAsync($"select id, name, slug, language, created_at, closed_at from kernel.workspace order by slug", Read, ct),
            ct
        );

    public Task<Workspace?> FindAsync(string slug, CancellationToken ct) =>
        system.RunAsync(
            s =>
                s.FirstOrDefaultAsync(
                    $"select id, name, slug, language, created_at, closed_at from kernel.workspace where slug = {slug}",
                    Read,
                    ct
                ),
            ct
        );

    private static Workspace Read(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            Name = row.GetString(1),
            Slug = row.GetString(2),
            Language = row.GetString(3),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(4),
            ClosedAt = row.ValueOrNull<DateTimeOffset>(5),
        };
}
