using System.Globalization;
using System.Runtime.CompilerServices;

namespace Tenet.Kernel.Audit.Checkpoints;

/// <summary>Checkpoints as files: <c>FOLDER/workspace id/size.checkpoint</c>, and <c>latest</c> beside them.</summary>
public sealed class FolderCheckpoints(string folder) : CheckpointStore
{
    private const string Latest = "latest";
    private const string Ending = ".checkpoint";

    public override string Description => folder;

    public override async Task<string?> LatestAsync(Guid workspaceId, CancellationToken ct) =>
        await ReadAsync(Path.Combine(Of(workspaceId), Latest), ct);

    public override async IAsyncEnumerable<string> ListAsync(Guid workspaceId, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!Directory.Exists(Of(workspaceId)))
        {
            yield break;
        }
        foreach (var file in Directory.EnumerateFiles(Of(workspaceId), "*" + Ending))
        {
            if (await ReadAsync(file, ct) is { } note)
            {
                yield return note;
            }
        }
    }

    public override async Task<string?> AddAsync(Guid workspaceId, long size, string note, CancellationToken ct)
    {
        try
        {
            Directory.CreateDirectory(Of(workspaceId));
            var file = Path.Combine(Of(workspaceId), size.ToString("D12", CultureInfo.InvariantCulture) + Ending);
            if (await ReadAsync(file, ct) is { } present)
            {
                return present;
            }
            try
            {
                await WriteAsync(file, note, overwrite: false, ct);
            }
            catch (IOException) when (File.Exists(file))
            {
                // Another node was quicker by a moment.
                return await ReadAsync(file, ct);
            }
            await WriteAsync(Path.Combine(Of(workspaceId), Latest), note, overwrite: true, ct);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e);
        }
    }

    // Whole or not at all, whenever the power goes.
    private static async Task WriteAsync(string file, string text, bool overwrite, CancellationToken ct)
    {
        var draft = $"{file}.{Secrets.Token(6)}.draft";
        try
        {
            await using (var stream = new FileStream(draft, FileMode.CreateNew, FileAccess.Write))
            {
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), ct);
                stream.Flush(flushToDisk: true);
            }
            File.Move(draft, file, overwrite);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private async Task<string?> ReadAsync(string file, CancellationToken ct)
    {
        try
        {
            return File.Exists(file) ? await File.ReadAllTextAsync(file, ct) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e);
        }
    }

    private string Of(Guid workspaceId) => Path.Combine(folder, workspaceId.ToString("D"));

    private CheckpointStoreException Unusable(Exception e) =>
        new(
            $"The folder {folder} of the audit checkpoints cannot be used. See that it exists, has room, and belongs to Tenet's account.",
            e
        );
}
