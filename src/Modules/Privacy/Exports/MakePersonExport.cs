using System.Buffers.Text;
using System.Security.Cryptography;
using Tenet.Kernel;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Rights;

namespace Tenet.Privacy.Exports;

/// <summary>Begins a person's copy. Its link is told once: only the hash of its token is kept.</summary>
internal sealed class BeginPersonExport(Subjects subjects, PolicySettings policy)
{
    /// <summary>The retention rule that policies set.</summary>
    public const string Rule = "privacy.exports";

    internal const int SecretLength = 32;

    /// <returns>The export, the token of its link, which names the workspace, and when it ends.</returns>
    /// <exception cref="NotFoundException">Nobody of the workspace has one of these ids.</exception>
    public async Task<(Guid Id, string Token, DateTimeOffset End)> RunAsync(WorkspaceContext ctx, Guid[] ids, CancellationToken ct)
    {
        Guid[] persons = [.. (await subjects.OfAsync(ctx, ids, ct)).Select(person => person.Id).Order()];
        if (persons.Length == 0)
        {
            throw new NotFoundException("person");
        }
        var end =
            (await policy.KeepAsync(ctx, Rule, ct))?.After(ctx.Now)
            ?? throw new InvalidOperationException("No policy in force says how long copies are kept. Publish the house rules.");
        var id = Guid.CreateVersion7(ctx.Now);
        var secret = Secrets.Bytes(SecretLength);
        await ctx.ExecuteAsync(
            $"""
            insert into privacy.person_export (id, persons, state, token_hash, requested_by, created_at, expires_at)
            values ({id}, {persons}, 'waiting', {SHA256.HashData(secret)}, {ctx.Actor.Id}, {ctx.Now}, {end})
            """,
            ct
        );
        ctx.Enqueue(MakePersonExport.Kind, id, uniqueKey: id.ToString("N"));
        ctx.Enqueue(ExpirePersonExport.Kind, id, end - ctx.Now);
        ctx.Audit("export.begun", "export", id, new { persons = persons.Length });
        return (id, Base64Url.EncodeToString([.. ctx.WorkspaceId.ToByteArray(), .. secret]), end);
    }

    /// <returns>Null when it is no token at all.</returns>
    public static (Guid Workspace, byte[] Hash)? Read(string token)
    {
        var bytes = new byte[16 + SecretLength];
        // TryDecode throws over what is not of the alphabet.
        return
            token.Length <= 100
            && Base64Url.IsValid(token)
            && Base64Url.TryDecodeFromChars(token, bytes, out var written)
            && written == bytes.Length
            ? (new Guid(bytes.AsSpan(0, 16)), SHA256.HashData(bytes.AsSpan(16)))
            : null;
    }
}

/// <summary>Makes the copy. Killed meanwhile, it begins anew: a half-written one is swept away.</summary>
internal sealed class MakePersonExport(WorkspaceScope door, WritePersonFile write, TimeProvider time) : IJob
{
    public const string Kind = "privacy.export";

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        using var all = RestrictedRows.Show();
        var persons = await door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            ctx =>
                ctx.ScalarAsync<Guid[]>($"select persons from privacy.person_export where id = {job.SubjectId} and state = 'waiting'", ct),
            ct
        );
        if (persons is null)
        {
            return;
        }
        var blob = await write.RunAsync(job.WorkspaceId, persons, time.GetUtcNow(), ct);
        await door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                var made = await ctx.ExecuteAsync(
                    $"""
                    update privacy.person_export set state = 'ready', persons = null, blob_id = {blob}, ready_at = {ctx.Now}
                     where id = {job.SubjectId} and state = 'waiting'
                    """,
                    ct
                );
                // Another run was quicker: its copy is the one, this one is swept away.
                if (made == 1)
                {
                    await BlobStore.KeepAsync(ctx, blob, ct);
                    ctx.Audit("export.ready", "export", job.SubjectId);
                }
            },
            ct
        );
    }
}

/// <summary>Ends a copy that nobody fetched.</summary>
internal sealed class ExpirePersonExport(WorkspaceScope door) : IJob
{
    public const string Kind = "privacy.expire_export";

    public Task RunAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            async ctx =>
            {
                await ctx.ExecuteAsync(
                    $"delete from kernel.blob where id = (select blob_id from privacy.person_export where id = {job.SubjectId} and expires_at <= {ctx.Now})",
                    ct
                );
                await ctx.ExecuteAsync(
                    $"""
                    update privacy.person_export set blob_id = null, persons = null, state = case when state = 'taken' then 'taken' else 'expired' end
                     where id = {job.SubjectId} and expires_at <= {ctx.Now}
                    """,
                    ct
                );
            },
            ct
        );
}
