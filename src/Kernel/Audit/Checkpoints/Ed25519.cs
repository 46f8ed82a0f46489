using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Tenet.Kernel.Audit.Checkpoints;

/// <summary>
/// Ed25519 (RFC 8032) by the OpenSSL that .NET itself stands on: .NET 10 has no Ed25519 of its own. Keys are 32 bytes, signatures 64.
/// </summary>
internal static class Ed25519
{
    public const int KeyLength = 32;
    public const int SignatureLength = 64;
    private const string Library = "libcrypto.so.3";
    private const int KeyType = 1087; // NID_ED25519

    public static byte[] PublicKey(ReadOnlySpan<byte> privateKey)
    {
        using var key = PrivateKey(privateKey);
        var result = new byte[KeyLength];
        nuint length = KeyLength;
        Demand(EVP_PKEY_get_raw_public_key(key, result, ref length));
        return result;
    }

    public static byte[] Sign(ReadOnlySpan<byte> privateKey, byte[] message)
    {
        using var key = PrivateKey(privateKey);
        using var context = EVP_MD_CTX_new();
        Demand(EVP_DigestSignInit(context, 0, 0, 0, key));
        var signature = new byte[SignatureLength];
        nuint length = SignatureLength;
        Demand(EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length));
        return signature;
    }

    /// <summary>False for whatever is not this key's signature of this message, also for keys and signatures of a wrong length.</summary>
    public static bool Verify(byte[] publicKey, byte[] message, byte[] signature)
    {
        if (publicKey.Length != KeyLength || signature.Length != SignatureLength)
        {
            return false;
        }
        using var key = EVP_PKEY_new_raw_public_key(KeyType, 0, publicKey, KeyLength);
        using var context = EVP_MD_CTX_new();
        if (key.IsInvalid || EVP_DigestVerifyInit(context, 0, 0, 0, key) != 1)
        {
            ERR_clear_error();
            return false;
        }
        var verified = EVP_DigestVerify(context, signature, SignatureLength, message, (nuint)message.Length) == 1;
        if (!verified)
        {
            ERR_clear_error();
        }
        return verified;
    }

    private static KeyHandle PrivateKey(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != KeyLength)
        {
            throw new CryptographicException("An Ed25519 key has 32 bytes.");
        }
        var key = EVP_PKEY_new_raw_private_key(KeyType, 0, privateKey.ToArray(), KeyLength);
        return key.IsInvalid ? throw Failure() : key;
    }

    private static void Demand(int result)
    {
        if (result != 1)
        {
            throw Failure();
        }
    }

    private static CryptographicException Failure()
    {
        // Left on the thread's queue, an error would be reported by somebody else's next call.
        ERR_clear_error();
        return new CryptographicException("OpenSSL could not use the Ed25519 key.");
    }

    private sealed class KeyHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    private sealed class ContextHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern KeyHandle EVP_PKEY_new_raw_private_key(int type, nint engine, byte[] key, nuint length);

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern KeyHandle EVP_PKEY_new_raw_public_key(int type, nint engine, byte[] key, nuint length);

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_PKEY_get_raw_public_key(KeyHandle key, byte[] result, ref nuint length);

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void EVP_PKEY_free(nint key);

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern ContextHandle EVP_MD_CTX_new();

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void EVP_MD_CTX_free(nint context);

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestSignInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestSign(
        ContextHandle context,
        byte[] signature,
        ref nuint signatureLength,
        byte[] message,
        nuint messageLength
    );

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestVerifyInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EVP_DigestVerify(
        ContextHandle context,
        byte[] signature,
        nuint signatureLength,
        byte[] message,
        nuint messageLength
    );

    [DllImport(Library, ExactSpelling = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ERR_clear_error();
}
