using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>What the person does behind a letter's link: confirm, answer a question, withdraw.</summary>
internal sealed class AnswerLink(RequestLetters letters)
{
    private const string Invalid = "request behind this link; the newest letter has the one that works";

    /// <returns>The token of the page that shows the request from here on: the letter's own is used up.</returns>
    /// <exception cref="NotFoundException">The link was used, is too old or was made up: all the same.</exception>
    public async Task<string> ConfirmAsync(WorkspaceContext ctx, byte[] hash, CancellationToken ct)
    {
        if (await ctx.LockByTokenAsync(hash, ct) is not { State: RequestState.Verifying } request)
        {
            throw new NotFoundException(Invalid);
        }
        request.Verify(RequestIdentity.Link, ctx.Now);
        ctx.Step(request, "verified");
        return letters.Received(ctx, await WorkspaceName.OfAsync(ctx, ct), request);
    }

    public async Task AnswerAsync(WorkspaceContext ctx, byte[] hash, string answer, CancellationToken ct)
    {
        var request = await ctx.LockByTokenAsync(hash, ct) ?? throw new NotFoundException(Invalid);
        if (request.State is not RequestState.WaitingForInput)
        {
            throw new ConflictException("Nothing was asked of you at present.");
        }
        request.Begin(ctx.Now);
        ctx.Step(request, "answered", answer);
    }

    public async Task WithdrawAsync(WorkspaceContext ctx, byte[] hash, CancellationToken ct)
    {
        var request = await ctx.LockByTokenAsync(hash, ct) ?? throw new NotFoundException(Invalid);
        // Who has not confirmed yet could withdraw what another asked for, and nothing happens without them anyway.
        if (request.State is RequestState.Verifying)
        {
            throw new ConflictException("This request is not confirmed, so nothing happens. There is nothing to withdraw.");
        }
        request.Withdraw(ctx.Now);
        ctx.Step(request, "withdrawn");
        letters.Withdrawn(ctx, await WorkspaceName.OfAsync(ctx, ct), request);
    }
}
