using System.Security.Cryptography;
using Npgsql;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http.Once;

/// <summary>The answers kept under keys, as long as the policy says.</summary>
internal sealed class SavedAnswers(WorkspaceVault vault, PolicySettings settings)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Claims the key in this transaction. Another transaction that holds it is waited for a moment: when it commits, its answer is ours too.
    /// </summary>
    /// <returns>The answer of the request that came first; null when this is the first.</returns>
    /// <exception cref="RefusedException">The first one still runs, or was another request.</exception>
    public async Task<SavedAnswer?> ClaimAsync(WorkspaceContext ctx, KeyedRequest request, CancellationToken ct)
    {
        var end =
            (await settings.KeepAsync(ctx.WorkspaceId, KernelClocks.SavedAnswers, ct))?.Keep.After(ctx.Now)
            ?? throw new InvalidOperationException("No policy in force says how long answers are kept. Publish the house rules.");
        try
        {
            var (claimed, row) = await ctx.BatchAsync(
                Claim(request, ctx.Now, end),
                async results =>
                {
                    await results.FirstOrDefaultAsync(_ => true, ct);
                    var won = await results.FirstOrDefaultAsync(found => found.GetBoolean(0), ct);
                    await results.FirstOrDefaultAsync(_ => true, ct);
                    return (
                        won,
                        await results.FirstOrDefaultAsync(
                            found =>
                                (
                                    Fingerprint: found.GetFieldValue<byte[]>(0),
                                    Answer: found.IsDBNull(1) ? null : found.GetFieldValue<byte[]>(1)
                                ),
                            ct
                        )
                    );
                },
                ct
            );
            if (claimed)
            {
                ctx.Enqueue(ForgetAnswers.Kind, ctx.WorkspaceId, end - ctx.Now, ForgetAnswers.Key);
                return null;
            }
            if (!CryptographicOperations.FixedTimeEquals(row.Fingerprint, request.Fingerprint))
            {
                throw new RefusedException(
                    422,
                    "This Idempotency-Key was sent with another request before. Use a new key for a new request."
                );
            }
            return row.Answer is { } kept ? SavedAnswer.Parse(await vault.OpenAsync(ctx, Place(request), kept, ct)) : throw Running();
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable)
        {
            throw Running();
        }
    }

    public async Task SaveAsync(WorkspaceContext ctx, KeyedRequest request, SavedAnswer answer, CancellationToken ct)
    {
        var kept = await vault.SealAsync(ctx, Place(request), answer.ToJson(), ct);
        await ctx.ExecuteAsync(
            $"update kernel.saved_answer set status = {answer.Status}, answer = {kept}, running_until = null where id = {request.Id}",
            ct
        );
    }

    /// <summary>How many answers of the workspace still have their text.</summary>
    public async Task<long> CountTextsAsync(WorkspaceContext ctx, CancellationToken ct) => (await WithTextAsync(ctx, ct)).Count;

    /// <summary>
    /// Takes the texts out of all answers of the workspace: any may quote a person. That their requests were done stays known, so that
    /// none is done twice.
    /// </summary>
    public async Task TakeOutTextsAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        foreach (var (id, answer) in await WithTextAsync(ctx, ct))
        {
            var rest = await vault.SealAsync(ctx, Place(id), (answer with { Body = null }).ToJson(), ct);
            await ctx.ExecuteAsync($"update kernel.saved_answer set answer = {rest} where id = {id}", ct);
        }
    }

    private async Task<List<(Guid Id, SavedAnswer Answer)>> WithTextAsync(WorkspaceContext ctx, CancellationToken ct)
    {
        var rows = await ctx.ListAsync(
            $"select id, answer, status from kernel.saved_answer where answer is not null for update",
            row => (Id: row.GetGuid(0), Answer: row.GetFieldValue<byte[]>(1), Status: row.IsDBNull(2) ? 0 : row.GetInt32(2)),
            ct
        );
        var texts = new List<(Guid, SavedAnswer)>();
        foreach (var (id, sealedAnswer, status) in rows)
        {
            if (await OpenAsync(ctx, id, status, sealedAnswer, ct) is { Body.Length: > 0 } answer)
            {
                texts.Add((id, answer));
            }
        }
        return texts;
    }

    private async Task<SavedAnswer> OpenAsync(WorkspaceContext ctx, Guid id, int status, byte[] sealedAnswer, CancellationToken ct)
    {
        try
        {
            return SavedAnswer.Parse(await vault.OpenAsync(ctx, Place(id), sealedAnswer, ct));
        }
        catch (SealException e) when (e.IsForGood)
        {
            // Whatever its text was, it goes like the others: one that does not open must not keep a person from being erased.
            return new SavedAnswer(status, [], "?");
        }
    }

    /// <summary>The request did nothing: its key is free again.</summary>
    public static Task ReleaseAsync(WorkspaceContext ctx, KeyedRequest request, CancellationToken ct) =>
        ctx.ExecuteAsync($"delete from kernel.saved_answer where id = {request.Id} and status is null", ct);

    public static RefusedException Running() =>
        new(409, "A request with this Idempotency-Key is still running. Send it again in a moment to get its answer.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    private static IEnumerable<Sql> Claim(KeyedRequest request, DateTimeOffset now, DateTimeOffset end)
    {
        yield return Sql.Constant("select set_config('lock_timeout', '3s', true)");
        yield return $"""
            insert into kernel.saved_answer as a (id, fingerprint, running_until, expires_at)
            values ({request.Id}, {request.Fingerprint}, {now + Patience}, {end})
            on conflict (workspace_id, id) do update
              set fingerprint = excluded.fingerprint, running_until = excluded.running_until, expires_at = excluded.expires_at,
                  status = null, answer = null
              where a.expires_at <= {now} or (a.status is null and a.running_until <= {now})
            returning true
            """;
        yield return Sql.Constant("select set_config('lock_timeout', '0', true)");
        yield return $"select fingerprint, answer from kernel.saved_answer where id = {request.Id}";
    }

    private static SealedPlace Place(KeyedRequest request) => Place(request.Id);

    private static SealedPlace Place(Guid id) => new("kernel.saved_answer", "answer", id);
}
