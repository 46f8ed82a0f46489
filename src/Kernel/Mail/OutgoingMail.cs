using System.Text.Json;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Mail;

/// <summary>A letter in plain text.</summary>
public sealed record Letter(string To, string Subject, string Text);

/// <summary>A letter that waits for the relay, sealed. The text is gone once it was sent.</summary>
[NoSubject(
    "A letter's address and text are sealed until it leaves: whoever is erased, those of the workspace that wait are opened and looked at."
)]
[Record("kernel.mail", Purpose.Notification, Keep = "kernel.mail")]
internal sealed record QueuedMail
{
    [Operational]
    public required Guid Id { get; init; }

    [Sealed(Category.Email, Under = KeyKind.Installation)]
    public byte[]? Sealed { get; init; }

    [Operational]
    public DateTimeOffset RunAt { get; init; }

    [Operational]
    public int Attempt { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset? SentAt { get; init; }

    [Operational]
    public DateTimeOffset? DeadAt { get; init; }

    [Operational]
    public string? LastError { get; init; }
}

/// <summary>Queues letters in the transaction that wants them; the pump sends them afterwards.</summary>
public sealed class Mailer(InstallationVault vault)
{
    public void Send(WorkspaceContext ctx, Letter letter)
    {
        var id = Guid.CreateVersion7(ctx.Now);
        ctx.Later($"insert into kernel.mail (id, workspace_id, sealed) values ({id}, {ctx.WorkspaceId}, {Seal(id, letter)})");
    }

    public Task SendAsync(SystemContext system, Letter letter, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(system.Now);
        return system.ExecuteAsync($"insert into kernel.mail (id, sealed) values ({id}, {Seal(id, letter)})", ct);
    }

    /// <summary>The letters of a workspace that still have their text and are to one of these addresses, or speak of one.</summary>
    internal async Task<List<Guid>> FindAsync(SystemContext system, Guid workspace, IReadOnlyList<string> identifiers, CancellationToken ct)
    {
        var found = new List<Guid>();
        var letters = system.StreamAsync(
            $"select id, sealed from kernel.mail where workspace_id = {workspace} and sealed is not null",
            row => (Id: row.GetGuid(0), Sealed: row.GetFieldValue<byte[]>(1)),
            ct
        );
        await foreach (var (id, value) in letters)
        {
            if (MaySpeak(id, value, identifiers))
            {
                found.Add(id);
            }
        }
        return found;
    }

    internal Task ForgetAsync(SystemScope scope, Guid workspace, IReadOnlyList<string> identifiers, CancellationToken ct) =>
        scope.RunAsync(
            async system =>
            {
                var ids = (await FindAsync(system, workspace, identifiers, ct)).ToArray();
                await system.ExecuteAsync($"delete from kernel.mail where id = any({ids})", ct);
            },
            ct
        );

    // One that nothing opens can be sent to nobody, and shown not to be about them neither.
    private bool MaySpeak(Guid id, byte[] value, IReadOnlyList<string> identifiers)
    {
        try
        {
            return Speaks(Open(id, value), identifiers);
        }
        catch (SealException e) when (e.IsForGood)
        {
            return true;
        }
    }

    private static bool Speaks(Letter letter, IReadOnlyList<string> identifiers) =>
        identifiers.Any(identifier =>
            letter.To.Equals(identifier, StringComparison.OrdinalIgnoreCase)
            || letter.Subject.Contains(identifier, StringComparison.OrdinalIgnoreCase)
            || letter.Text.Contains(identifier, StringComparison.OrdinalIgnoreCase)
        );

    internal Letter Open(Guid id, byte[] value) => JsonSerializer.Deserialize<Letter>(vault.Open(Place(id), value))!;

    private byte[] Seal(Guid id, Letter letter) => vault.Seal(Place(id), JsonSerializer.Serialize(letter));

    private static SealedPlace Place(Guid id) => new("kernel.mail", "sealed", id);
}
