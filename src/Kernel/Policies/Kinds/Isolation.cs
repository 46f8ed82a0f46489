using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Policies.Kinds;

/// <summary>The database keeps workspaces apart: nothing to set, everything to look at.</summary>
internal sealed class Isolation()
    : ClaimKind(
        "isolation",
        "Every table is under forced row-level security by workspace, and Tenet's database roles cannot step around it."
    )
{
    public override Strength Strength => Strength.Guarantee;
    public override TimeSpan Every => TimeSpan.FromMinutes(15);

    public override bool IsOfDeployment => true;

    public override string Limits => "A superuser of the database can read everything. Who that is, is attested, not probed.";

    public override string Key(Claim claim) => "workspaces";

    public override Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct) =>
        run.LookAsync(
            async ctx =>
            {
                var violations = new List<string>();
                foreach (var statement in IsolationRules.Statements)
                {
                    violations.AddRange(await ctx.ListAsync(Sql.Constant(statement), row => row.GetString(0), ct));
                }
                var tables = await ctx.ScalarAsync<long>(
                    $"select count(*) from pg_class where relrowsecurity and relforcerowsecurity and relkind in ('r', 'p')",
                    ct
                );
                return Finding.Of(
                    violations,
                    $"{tables} tables under forced row-level security, none without; no role can step around it.",
                    tables,
                    string.Join('\n', IsolationRules.Statements)
                );
            },
            ct
        );
}
