using Tenet.Kernel.Http;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Exports;
using Tenet.Privacy.Marketing;

namespace Tenet.Privacy.Requests;

/// <summary>What the team does with a request. The person is written to at each step.</summary>
internal sealed class AnswerRequest(
    RequestClocks clocks,
    RequestLetters letters,
    RequestPersons persons,
    BeginPersonExport export,
    BeginErasure erase,
    RectifyPerson rectify
)
{
    private const int MostText = 4_000;

    /// <summary>A member of the team vouches for who the person is, and says why.</summary>
    public async Task VerifyAsync(WorkspaceContext ctx, Guid id, string? reason, CancellationToken ct)
    {
        var request = await ctx.LockRequestAsync(id, ct);
        var said = Text("reason", reason, 10);
        request.Verify(RequestIdentity.Review, ctx.Now);
        ctx.Step(request, "verified", said);
        letters.Received(ctx, await WorkspaceName.OfAsync(ctx, ct), request);
    }

    public async Task BeginAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        var request = await ctx.LockRequestAsync(id, ct);
        request.Begin(ctx.Now);
        ctx.Step(request, "begun");
    }

    public async Task AskAsync(WorkspaceContext ctx, Guid id, string? question, CancellationToken ct)
    {
        var request = await ctx.LockRequestAsync(id, ct);
        var said = Text("question", question, 10);
        request.AskForInput(ctx.Now);
        ctx.Step(request, "asked", said);
        letters.Question(ctx, await WorkspaceName.OfAsync(ctx, ct), request, said);
    }

    public async Task ExtendAsync(WorkspaceContext ctx, Guid id, string? reason, CancellationToken ct)
    {
        var request = await ctx.LockRequestAsync(id, ct);
        var said = Text("reason", reason, 10);
        request.Extend(await clocks.ExtendedAsync(ctx, request, ct), ctx.Now);
        ctx.Step(request, "extended", said);
        letters.Extended(ctx, await WorkspaceName.OfAsync(ctx, ct), request, said);
    }

    public async Task DenyAsync(WorkspaceContext ctx, Guid id, DenialGround ground, string? reason, CancellationToken ct)
    {
        var request = await ctx.LockRequestAsync(id, ct);
        var said = Text("reason", reason, ground is DenialGround.Other ? 10 : 0);
        request.Deny(ground, ctx.Now);
        ctx.Step(request, "denied", said.Length == 0 ? null : said);
        letters.Denied(ctx, await WorkspaceName.OfAsync(ctx, ct), request, said);
    }

    /// <summary>Does what was asked for: sends the copy, begins the erasure, or records what the team did, which the answer tells.</summary>
    public async Task FulfilAsync(WorkspaceContext ctx, Guid id, string? answer, CancellationToken ct)
    {
        var request = await ctx.LockRequestAsync(id, ct);
        var said = Text("answer", answer, request.Kind.IsCopy() || request.Kind.IsErasure() ? 0 : 3);
        if (request.State is RequestState.Verified)
        {
            request.Begin(ctx.Now);
        }
        if (request.ErasureId is not null)
        {
            throw new ConflictException("The erasure is under way. The request closes by itself when its certificate is signed.");
        }
        if (request.Kind.IsErasure())
        {
            await EraseAsync(ctx, request, ct);
        }
        else if (request.Kind.IsCopy())
        {
            await CopyAsync(ctx, request, said, ct);
        }
        else
        {
            await ApplyAsync(ctx, request, ct);
            request.Finish(ctx.Now);
            request.Answer = said;
            ctx.Step(request, "done", said);
            letters.Done(ctx, await WorkspaceName.OfAsync(ctx, ct), request, said);
        }
    }

    /// <summary>Corrects a field of the person, as often as needed before the request is answered.</summary>
    public async Task CorrectAsync(
        WorkspaceContext ctx,
        Guid id,
        string? table,
        Guid row,
        string? column,
        string? value,
        CancellationToken ct
    )
    {
        var request = await ctx.LockRequestAsync(id, ct);
        if (request.Kind is not RequestKind.Rectification)
        {
            throw new ConflictException("This request asks for something else than a correction.");
        }
        if (request.State is RequestState.Verified)
        {
            request.Begin(ctx.Now);
        }
        if (request.State is not RequestState.InProgress)
        {
            throw new ConflictException("The request has to be verified, and open, before something is corrected.");
        }
        var rows = await persons.DemandAsync(ctx, request, ct);
        await rectify.RunAsync(ctx, rows, table ?? "", row, column ?? "", value, id, ct);
        ctx.Step(request, "corrected");
    }

    /// <summary>What the machine does by itself, in the transaction of the answer: freezing, and leaving the AI's answers away.</summary>
    private async Task ApplyAsync(WorkspaceContext ctx, PrivacyRequest request, CancellationToken ct)
    {
        if (request.Kind is RequestKind.Restriction)
        {
            await persons.DemandAsync(ctx, request, ct);
            var rows = await persons.FindAsync(ctx, request, ct);
            await Restrictions.SetAsync(ctx, [.. rows.Select(row => (row.Table, row.Id))], request.Id, ct);
        }
        else if (request.Kind is RequestKind.Objection)
        {
            var rows = await persons.DemandAsync(ctx, request, ct);
            foreach (var purpose in Objections.Kept)
            {
                await Objections.SetAsync(ctx, rows, purpose, request.Id, ct);
            }
            await MarketingList.EndAsync(ctx, $"id = any({rows})", WithdrawnBy.Objection, ct);
        }
    }

    private async Task CopyAsync(WorkspaceContext ctx, PrivacyRequest request, string said, CancellationToken ct)
    {
        if (request.Email is null)
        {
            throw new ConflictException("There is no address to send the copy to. Ask the person for one first.");
        }
        var rows = await persons.DemandAsync(ctx, request, ct);
        var (copy, token, ends) = await export.RunAsync(ctx, rows, ct);
        request.ExportId = copy;
        request.Finish(ctx.Now);
        ctx.Step(request, "done", said.Length == 0 ? null : said);
        letters.Copy(ctx, await WorkspaceName.OfAsync(ctx, ct), request, "/privacy/exports/" + token, ends, said);
    }

    private async Task EraseAsync(WorkspaceContext ctx, PrivacyRequest request, CancellationToken ct)
    {
        request.ErasureId = await erase.RunAsync(ctx, await persons.DemandAsync(ctx, request, ct), ErasureGround.Request, ct);
        ctx.Step(request, "erasing");
    }

    private static string Text(string field, string? text, int min)
    {
        var validation = new Validation();
        var said = validation.Text(field, text, MostText, min);
        validation.Throw();
        return said;
    }
}
