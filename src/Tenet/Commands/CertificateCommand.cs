using System.CommandLine;
using System.Security.Cryptography;
using Tenet.Privacy.Certificates;

namespace Tenet.Commands;

/// <summary><c>tenet certificate</c>: checks certificates of deletion. Needs no installation, no database and no network.</summary>
internal static class CertificateCommand
{
    private const long Largest = 10_000_000;

    public static Command Create() => new("certificate", "Check certificates of deletion") { Verify() };

    private static Command Verify()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The certificate, as it was downloaded" };
        var key = new Option<FileInfo?>("--key")
        {
            Description = "The key that the workspace publishes (PEM). Without it the file is only compared with the key it names itself",
            HelpName = "FILE",
        };
        var command = new Command("verify", "Verify a certificate of deletion offline") { file, key };
        command.SetAction(
            async (parsed, ct) => await VerifyAsync(parsed.GetRequiredValue(file), parsed.GetValue(key), Console.Out, ct) ? 0 : 1
        );
        return command;
    }

    /// <returns>Whether the certificate is as it was issued, and by the key given, if one is.</returns>
    internal static async Task<bool> VerifyAsync(FileInfo file, FileInfo? keyFile, TextWriter output, CancellationToken ct)
    {
        if (!file.Exists || file.Length > Largest || keyFile is { Exists: false })
        {
            throw new InvalidOperationException("The file is not there, or it is too large to be a certificate or a key.");
        }
        DeletionCertificate certificate;
        try
        {
            certificate = DeletionCertificate.Verify(await File.ReadAllBytesAsync(file.FullName, ct));
        }
        catch (CryptographicException e)
        {
            await output.WriteLineAsync("NOT VALID. " + e.Message);
            return false;
        }
        if (keyFile is not null && !certificate.IsOf(await File.ReadAllTextAsync(keyFile.FullName, ct)))
        {
            await output.WriteLineAsync("NOT VALID. The certificate was signed by another key than the one given.");
            return false;
        }
        await output.WriteLineAsync($"Valid: certificate {certificate.Id} of workspace {certificate.Workspace}.");
        await output.WriteLineAsync($"Destroyed {certificate.DestroyedAt:u}, issued {certificate.IssuedAt:u}.");
        foreach (var store in certificate.Stores)
        {
            await output.WriteLineAsync(
                $"  {store.Store, -28} {store.Outcome, -14} {store.RowsFound, 8} found {store.RowsRemaining, 8} left {store.Ground}"
            );
        }
        await output.WriteLineAsync(
            keyFile is null
                ? $"Signed by key {certificate.Fingerprint}: compare it with the one that the workspace publishes."
                : "Signed by the key given."
        );
        return true;
    }
}
