using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tenet.Privacy.Documents;

namespace Tenet.Privacy.Certificates;

/// <summary>
/// A certificate as a page to read. After the document's end stand the public key and a signature over all bytes before: who changes one, in the
/// text or in these lines, is found out.
/// </summary>
public static class CertificatePdf
{
    private const string KeyLine = "%Tenet-Key ";
    private const string SignatureLine = "%Tenet-Signature ";

    internal static byte[] Write(DeletionCertificate certificate, ECDsa key)
    {
        var page = new PdfDocument()
            .Heading("Certificate of deletion", 1)
            .Paragraph(
                certificate.Scope is "workspace"
                    ? "The data of a workspace was deleted, as its policy promises."
                    : "The data of a person was deleted in one workspace, as its policy promises."
            )
            .Line("Certificate", certificate.Id.ToString())
            .Line("Workspace", certificate.Workspace.ToString())
            .Line("Subject", "keyed hash " + Convert.ToHexStringLower(certificate.Subject))
            .Line("Ground", certificate.Ground.Replace('_', ' '))
            .Line("Policy", certificate.Policy ?? "house rules")
            .Line("Asked for", Moment(certificate.RequestedAt))
            .Line("Ledger outside", Moment(certificate.RecordedAt))
            .Line("Destroyed", Moment(certificate.DestroyedAt))
            .Line("Issued", Moment(certificate.IssuedAt));
        if (certificate.Keys is { Count: > 0 } keys)
        {
            page.Heading("Keys destroyed");
            foreach (var destroyed in keys)
            {
                page.Line(Moment(destroyed.DestroyedAt), destroyed.Key);
            }
        }
        page.Heading("What became of each store");
        foreach (var store in certificate.Stores)
        {
            page.Line(store.Store, Said(store));
        }
        if (certificate.Backups is { } backups)
        {
            page.Heading("Backups");
            foreach (var backup in backups)
            {
                page.Line(backup.Store, (backup.ExpiresAt is { } end ? $"gone by {Moment(end)}. " : "") + backup.Says);
            }
        }
        if (certificate.Audit is { } audit)
        {
            page.Heading("In the audit log")
                .Line("Entry", $"{audit.Entry} is number {audit.Position + 1} of {audit.Size}")
                .Line("Checkpoint", audit.Checkpoint);
        }
        page.Heading("Whether it is genuine")
            .Paragraph(
                $"tenet certificate verify FILE checks this file and the same as JSON without a network. Signed with ECDSA P-256 by the key {certificate.Fingerprint}."
            );
        var document = page.Write($"Certificate of deletion {certificate.Id}");
        byte[] signed = [.. document, .. Encoding.ASCII.GetBytes(KeyLine + Convert.ToBase64String(certificate.PublicKey) + "\n")];
        return
        [
            .. signed,
            .. Encoding.ASCII.GetBytes(SignatureLine + Convert.ToBase64String(key.SignData(signed, HashAlgorithmName.SHA256)) + "\n"),
        ];
    }

    public static bool IsPdf(ReadOnlySpan<byte> file) => file.StartsWith("%PDF-"u8);

    /// <returns>The key that signed it, as SubjectPublicKeyInfo.</returns>
    /// <exception cref="CryptographicException">It is not a certificate, or not as it was signed.</exception>
    public static byte[] Verify(ReadOnlySpan<byte> file)
    {
        var at = file.LastIndexOf(Encoding.ASCII.GetBytes("\n" + SignatureLine)) + 1;
        var keyAt = at > 0 ? file[..at].LastIndexOf(Encoding.ASCII.GetBytes("\n" + KeyLine)) + 1 : 0;
        if (keyAt <= 0)
        {
            throw new CryptographicException("This file is not a signed certificate of deletion.");
        }
        var publicKey = Value(file[keyAt..at], KeyLine);
        var signature = Value(file[at..], SignatureLine);
        using var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out var read);
            if (read == publicKey.Length && key.VerifyData(file[..at], signature, HashAlgorithmName.SHA256))
            {
                return publicKey;
            }
        }
        catch (Exception e) when (e is not CryptographicException)
        {
            throw Changed();
        }
        throw Changed();
    }

    // Written exactly as certificates are: base64 that decodes the same and looks otherwise is a change, too.
    private static byte[] Value(ReadOnlySpan<byte> line, string name)
    {
        var text = Encoding.Latin1.GetString(line);
        var bytes = new byte[text.Length];
        return
            Convert.TryFromBase64String(text[name.Length..].TrimEnd('\n'), bytes, out var length)
            && text == name + Convert.ToBase64String(bytes.AsSpan(0, length)) + "\n"
            ? bytes[..length]
            : throw Changed();
    }

    private static CryptographicException Changed() => new("The file was changed after it was issued: the signature does not fit.");

    private static string Said(CertifiedStore store) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{store.Outcome.Replace('_', ' ')} ({store.Method}): {store.RowsFound:N0} found, {(store.RowsRemaining is { } left ? left.ToString("N0", CultureInfo.InvariantCulture) : "not counted")} left"
        )
        + (store.Ground is { } ground ? ". " + ground : "")
        + (store.QueryHash is { } hash ? $". Counted by {Convert.ToHexStringLower(hash)[..16]}" : "");

    private static string Moment(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
