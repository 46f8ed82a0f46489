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
        var bytes = await File.ReadAllBytesAsync(file.FullName, ct);
        if (CertificatePdf.IsPdf(bytes))
        {
            return await VerifyPdfAsync(bytes, keyFile, output, ct);
        }
        DeletionCertificate certificate;
        try
        {
            certificate = DeletionCertificate.Verify(bytes);
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
        foreach (var key in certificate.Keys ?? [])
        {
            await output.WriteLineAsync($"  {key.Key} destroyed {key.DestroyedAt:u}");
        }
        if (certificate.Audit is { } audit)
        {
            await output.WriteLineAsync(
                $"  entry {audit.Position + 1} of the audit log, under a signed checkpoint of {audit.Size} entries"
            );
        }
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

    private static async Task<bool> VerifyPdfAsync(byte[] bytes, FileInfo? keyFile, TextWriter output, CancellationToken ct)
    {
        byte[] signedBy;
        try
        {
            signedBy = CertificatePdf.Verify(bytes);
        }
        catch (CryptographicException e)
        {
            await output.WriteLineAsync("NOT VALID. " + e.Message);
            return false;
        }
        if (keyFile is not null && !DeletionCertificate.IsOf(await File.ReadAllTextAsync(keyFile.FullName, ct), signedBy))
        {
            await output.WriteLineAsync("NOT VALID. The certificate was signed by another key than the one given.");
            return false;
        }
        await output.WriteLineAsync("Valid: every byte of this PDF is as it was signed.");
        await output.WriteLineAsync(
            keyFile is null
                ? $"Signed by key {Convert.ToHexStringLower(SHA256.HashData(signedBy))}: compare it with the one that is published."
                : "Signed by the key given."
        );
        return true;
    }
}
