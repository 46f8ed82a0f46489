using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Tenet.Privacy.Certificates;
using Xunit;

namespace Tenet.Tests.Privacy;

public sealed class DeletionCertificateTests
{
    [Fact]
    public void A_certificate_verifies_and_any_changed_byte_of_it_fails()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Encoding.UTF8.GetBytes(Of(key).Write());
        DeletionCertificate.Verify(file).Stores.ShouldHaveSingleItem().RowsFound.ShouldBe(3);

        for (var at = 0; at < file.Length; at++)
        {
            foreach (var flip in new byte[] { 1, 0x20 })
            {
                var changed = file.ToArray();
                changed[at] ^= flip;
                Should.Throw<CryptographicException>(() => DeletionCertificate.Verify(changed), $"byte {at} of {file.Length}");
            }
        }
        Should.Throw<CryptographicException>(() => DeletionCertificate.Verify([.. file, (byte)'\n']));
        Should.Throw<CryptographicException>(() => DeletionCertificate.Verify(file.AsSpan(0, file.Length - 1)));
    }

    [Fact]
    public void One_without_a_signature_or_signed_by_another_key_than_it_names_fails()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var genuine = Of(key);

        foreach (var forged in new[] { genuine with { Signature = null }, genuine with { PublicKey = other.ExportSubjectPublicKeyInfo() } })
        {
            Should.Throw<CryptographicException>(() => DeletionCertificate.Verify(Encoding.UTF8.GetBytes(forged.Write())));
        }
    }

    [Fact]
    public void Any_changed_byte_of_the_pdf_fails_as_well()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = CertificatePdf.Write(Of(key), key);
        CertificatePdf.Verify(file).ShouldBe(key.ExportSubjectPublicKeyInfo());
        Encoding.Latin1.GetString(file).ShouldStartWith("%PDF-1.4");

        for (var at = 0; at < file.Length; at++)
        {
            foreach (var flip in new byte[] { 1, 0x20 })
            {
                var changed = file.ToArray();
                changed[at] ^= flip;
                Should.Throw<CryptographicException>(() => CertificatePdf.Verify(changed), $"byte {at} of {file.Length}");
            }
        }
        Should.Throw<CryptographicException>(() => CertificatePdf.Verify([.. file, (byte)'\n']));
        Should.Throw<CryptographicException>(() => CertificatePdf.Verify(file.AsSpan(0, file.Length - 1)));
    }

    private static DeletionCertificate Of(ECDsa key) =>
        new DeletionCertificate(
            1,
            Guid.CreateVersion7(),
            Guid.CreateVersion7(),
            SHA256.HashData([1]),
            "request",
            "crm 2026.1",
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch,
            [new CertifiedStore("inbox.message", "erased", "rows deleted", 3, 0, null, SHA256.HashData([2]), DateTimeOffset.UnixEpoch)],
            key.ExportSubjectPublicKeyInfo()
        )
        {
            Keys = [new CertifiedKey("key 1 of the person", DateTimeOffset.UnixEpoch)],
            Backups = CertifiedBackup.OfThisVersion,
        }.Sign(key);
}
