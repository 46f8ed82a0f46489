using Microsoft.EntityFrameworkCore;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>
/// Ends the requests that an erasure answers, in the transaction that signs its certificate: the last letter is written, then the address and what
/// was written are forgotten in all requests of the person.
/// </summary>
internal sealed class CloseErased(RequestLetters letters)
{
    public async Task RunAsync(WorkspaceContext ctx, Guid erasure, CancellationToken ct)
    {
        var answered = await ctx.Db<PrivacyDb>()
            .Requests.FromSql($"select * from privacy.request where erasure_id = {erasure} for update")
            .ToListAsync(ct);
        foreach (var request in answered)
        {
            if (!request.State.IsClosed())
            {
                request.Finish(ctx.Now);
                ctx.Step(request, "done");
                letters.Erased(ctx, await WorkspaceName.OfAsync(ctx, ct), request, erasure);
            }
        }
        string[] addresses = [.. answered.Select(request => request.Email).OfType<string>().Distinct(StringComparer.Ordinal)];
        Guid[] ids = [.. answered.Select(request => request.Id)];
        await ctx.SaveAsync(ct);
        await ctx.ExecuteAsync(
            $"""
            update privacy.request_event set note = null
             where request_id in (select id from privacy.request where (email = any({addresses}) and closed_at is not null) or id = any({ids})) and note is not null
            """,
            ct
        );
        await ctx.ExecuteAsync(
            $"""
            update privacy.request set email = null, name = null, details = null, answer = null, person_id = null, turn_id = null, token_hash = null
             where (email = any({addresses}) and closed_at is not null) or id = any({ids})
            """,
            ct
        );
    }
}
