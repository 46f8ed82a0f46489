using Tenet.Accounts;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Attestations;

/// <summary>Evidence that was given, by whom and until when.</summary>
public sealed record Evidence(Guid Id, string Text, string By, DateTimeOffset At, DateOnly? ExpiresOn, bool HasFile);

/// <summary>Something that a person must vouch for.</summary>
/// <param name="Promises">The promises that rest on it.</param>
public sealed record AskedFor(string What, Period Every, IReadOnlyList<Promise> Promises, Evidence? Latest);

/// <summary>What the workspace's policy asks people to vouch for, and what they gave.</summary>
internal static class AttestationInbox
{
    public const long MaxFile = 20_000_000;

    /// <summary>A text like the name of a file that a browser may save.</summary>
    public const string FileName = "evidence";

    public static async Task<IReadOnlyList<AskedFor>> ListAsync(WorkspaceContext ctx, Policy policy, CancellationToken ct)
    {
        var given = (
            await ctx.ListAsync(
                $"""
                select distinct on (a.what) a.what, a.id, a.evidence, coalesce(m.name, 'a former member'), a.given_at, a.expires_on, a.blob_id is not null
                  from kernel.attestation a left join accounts.member m on m.id = a.given_by
                 where a.withdrawn_at is null order by a.what, a.given_at desc
                """,
                row =>
                    (
                        What: row.GetString(0),
                        Evidence: new Evidence(
                            row.GetGuid(1),
                            row.GetString(2),
                            row.GetString(3),
                            row.GetFieldValue<DateTimeOffset>(4),
                            row.IsDBNull(5) ? null : row.GetFieldValue<DateOnly>(5),
                            row.GetBoolean(6)
                        )
                    ),
                ct
            )
        ).ToDictionary(row => row.What, row => row.Evidence, StringComparer.Ordinal);
        return
        [
            .. policy
                .Claims.Where(found => found.Claim.Kind.Name == "attested")
                .GroupBy(found => found.Claim.Text("what"), StringComparer.Ordinal)
                .Select(asked => new AskedFor(
                    asked.Key,
                    asked.Min(found => found.Claim.Period("every")),
                    [.. asked.Select(found => found.Promise)],
                    given.GetValueOrDefault(asked.Key)
                )),
        ];
    }

    /// <param name="blob">A file that was written to the store and is kept from now on; null without one.</param>
    /// <exception cref="RuleException">The policy does not ask for this, or something is missing.</exception>
    public static async Task GiveAsync(
        WorkspaceContext ctx,
        Policy policy,
        string what,
        string evidence,
        DateOnly? expiresOn,
        Guid? blob,
        CancellationToken ct
    )
    {
        var validation = new Validation();
        evidence = validation.Text("evidence", evidence, 4000);
        validation.Check(
            policy.Claims.Any(found => found.Claim.Kind.Name == "attested" && found.Claim.Text("what") == what),
            "what",
            "The policy does not ask for this any more. Reload the page."
        );
        validation.Check(
            expiresOn is not { } day || day > DateOnly.FromDateTime(ctx.Now.UtcDateTime),
            "expiresOn",
            "A day to come, please, or none."
        );
        validation.Throw();
        if (blob is { } file)
        {
            await BlobStore.KeepAsync(ctx, file, ct);
        }
        var id = Guid.CreateVersion7(ctx.Now);
        await ctx.ExecuteAsync(
            $"""
            insert into kernel.attestation (id, what, evidence, given_by, given_at, expires_on, blob_id)
            values ({id}, {what}, {evidence}, {ctx.Actor.Id!.Value}, {ctx.Now}, {expiresOn}::date, {blob}::uuid)
            """,
            ct
        );
        ctx.Audit("attestation.given", "attestation", id, new { file = blob is not null, expires = expiresOn });
        ctx.Publish(PromiseLedger.Topic, ctx.WorkspaceId);
    }

    /// <summary>Takes evidence back: it counts no more, and stays as what once was said.</summary>
    /// <exception cref="NotFoundException">There is no such evidence.</exception>
    public static async Task WithdrawAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        if (
            await ctx.ExecuteAsync($"update kernel.attestation set withdrawn_at = {ctx.Now} where id = {id} and withdrawn_at is null", ct)
            == 0
        )
        {
            throw new NotFoundException("attestation");
        }
        ctx.Audit("attestation.withdrawn", "attestation", id);
        ctx.Publish(PromiseLedger.Topic, ctx.WorkspaceId);
    }

    /// <exception cref="NotFoundException">There is no such evidence, or it has no file.</exception>
    public static async Task<Guid> FileOfAsync(WorkspaceContext ctx, Guid id, CancellationToken ct) =>
        await ctx.ScalarAsync<Guid?>($"select blob_id from kernel.attestation where id = {id}", ct) ?? throw new NotFoundException("file");
}
