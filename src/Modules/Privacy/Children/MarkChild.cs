using Tenet.Accounts;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Erasures;
using Tenet.Privacy.Notices;
using Tenet.Privacy.Requests;
using Tenet.Privacy.Rights;

namespace Tenet.Privacy.Children;

/// <summary>
/// Somebody is a child: all that is held of them goes, owners and admins are told, and whoever comes with an address or id that they were known
/// by is not let in any more.
/// </summary>
internal sealed class MarkChild(Subjects subjects, BeginErasure begin, RefusedIdentifiers refused, Mailer mailer, PublicAddress address)
{
    /// <summary>An address leads to rows that have further addresses; a person with longer chains is looked at by hand.</summary>
    private const int MostRounds = 3;

    /// <returns>The erasure.</returns>
    /// <exception cref="NotFoundException">Nobody of the workspace has one of these ids.</exception>
    /// <exception cref="ConflictException">The person cannot go yet; the message says what to do first.</exception>
    public async Task<Guid> RunAsync(WorkspaceContext ctx, Guid[] ids, CancellationToken ct)
    {
        await RefusedIdentifiers.CloseDoorAsync(ctx, ct);
        var (persons, identifiers) = await AllOfAsync(ctx, ids, ct);
        var erasure = await begin.RunAsync(ctx, persons, ErasureGround.Child, ct);
        if (await ErasePerson.ReadAsync(ctx, erasure, ct) is not { Persons: { } going } || persons.Except(going).Any())
        {
            throw new ConflictException("Another erasure of this person is under way. Mark them as a child when it is done.");
        }
        await refused.RefuseAsync(ctx, erasure, identifiers, ct);
        var people = (await Responsible.ListAsync(ctx, ct))
            .Where(person => !identifiers.Contains(person.Email, StringComparer.OrdinalIgnoreCase))
            .ToList();
        var workspace = await WorkspaceName.OfAsync(ctx, ct);
        foreach (var person in people)
        {
            mailer.Send(ctx, Write(person.Email, workspace, erasure));
        }
        ctx.Audit("child.marked", "erasure", erasure, new { identifiers = identifiers.Count, letters = people.Count });
        return erasure;
    }

    /// <summary>Whether this erasure is a child's who is kept out.</summary>
    public static Task<bool> IsOfChildAsync(WorkspaceContext ctx, Guid erasure, CancellationToken ct) =>
        ctx.ScalarAsync<bool>($"select exists (select from kernel.refused_identifier where erasure_id = {erasure})", ct);

    /// <summary>The person's rows, and those that stand under the same addresses and ids: the same child, met another time.</summary>
    private async Task<(Guid[] Persons, IReadOnlyCollection<string> Identifiers)> AllOfAsync(
        WorkspaceContext ctx,
        Guid[] ids,
        CancellationToken ct
    )
    {
        var persons = (await subjects.OfAsync(ctx, ids, ct)).Select(person => person.Id).ToHashSet();
        if (persons.Count == 0)
        {
            throw new NotFoundException("person");
        }
        IReadOnlyCollection<string> identifiers = [];
        for (var (round, known) = (0, 0); round < MostRounds && persons.Count > known; round++)
        {
            known = persons.Count;
            identifiers = await subjects.KnownByAsync(ctx, [.. persons], ct);
            foreach (var identifier in identifiers)
            {
                persons.UnionWith((await subjects.FindAsync(ctx, identifier, ct)).Select(person => person.Id));
            }
        }
        return ([.. persons], await subjects.KnownByAsync(ctx, [.. persons], ct));
    }

    private Letter Write(string to, string workspace, Guid erasure) =>
        new(
            to,
            "A child's data is being deleted",
            $"""
            Somebody of your team marked a person as a child. All that {workspace} held of them is being deleted, and nothing is taken any more from whoever comes with an address or id that they were known by.

            Which places, and what became of each:

            {new Uri(address.Own, $"/rights/erasures/{erasure}")}

            If it was no child: what is deleted does not come back, but on the same page an admin lets them in again.
            """
        );
}
