using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Kernel.Audit.Checkpoints;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

public sealed class SignedNoteTests
{
    private static readonly byte[] Seed = [.. Enumerable.Range(0, 32).Select(n => (byte)n)];
    private static readonly CheckpointKey Key = new("tenet/audit/lab", Ed25519.PublicKey(Seed));
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);
    private static readonly Checkpoint Tree = new(Key.Name, 42, Ed25519.PublicKey(Seed));

    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )]
    public void Signatures_are_those_of_RFC_8032(string seed, string publicKey, string message, string signature)
    {
        Convert.ToHexStringLower(Ed25519.PublicKey(Convert.FromHexString(seed))).ShouldBe(publicKey);
        Convert.ToHexStringLower(Ed25519.Sign(Convert.FromHexString(seed), Convert.FromHexString(message))).ShouldBe(signature);
        Ed25519.Verify(Convert.FromHexString(publicKey), Convert.FromHexString(message), Convert.FromHexString(signature)).ShouldBeTrue();
    }

    [Fact]
    public void Nothing_but_the_signature_of_the_key_verifies() =>
        Prop.ForAll<byte[], byte[]>(
                (message, signature) =>
                {
                    var real = Ed25519.Sign(Seed, message ?? []);
                    return Ed25519.Verify(Ed25519.PublicKey(Seed), message ?? [], real)
                        && !Ed25519.Verify(Ed25519.PublicKey(Seed), [.. message ?? [], 1], real)
                        && !Ed25519.Verify(Ed25519.PublicKey(Seed), message ?? [], signature ?? [])
                        && !Ed25519.Verify(signature ?? [], message ?? [], real);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_note_made_by_Go_is_read_and_its_signature_verifies()
    {
        // The example of golang.org/x/mod/sumdb/note.
        var note = SignedNote.Parse(
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
                + "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
        );
        var key = CheckpointKey.Parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");

        key.ToString().ShouldBe("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        note.Signatures.ShouldHaveSingleItem().KeyId.ShouldBe(0xc74f20a3);
        // Signed well, and no checkpoint: that much the key finds out.
        Should.Throw<CheckpointException>(() => key.Open(note.ToString())).Message.ShouldContain("at least three lines");
    }

    [Fact]
    public void A_signed_checkpoint_opens_with_its_tree_and_its_time()
    {
        var opened = Key.Open(Key.Sign(Tree, Seed, Now));

        opened.Checkpoint.IsSameTree(Tree).ShouldBeTrue();
        opened.At.ShouldBe(Now);
        opened.Note.ShouldStartWith("tenet/audit/lab\n42\n");
    }

    [Fact]
    public void Further_signatures_and_extension_lines_are_ignored()
    {
        var note = Key.Sign(Tree, Seed, Now) + "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZC\n";

        Key.Open(note).Checkpoint.IsSameTree(Tree).ShouldBeTrue();
        Checkpoint.Parse(Tree.Text + "extension\n").IsSameTree(Tree).ShouldBeTrue();
    }

    [Fact]
    public void No_changed_character_changes_what_a_checkpoint_says()
    {
        var note = Key.Sign(Tree, Seed, Now);
        Prop.ForAll(
                Gen.Choose(0, note.Length - 1).ToArbitrary(),
                Gen.Choose(1, 0x2100).ToArbitrary(),
                (at, character) =>
                {
                    var changed = note[..at] + (char)character + note[(at + 1)..];
                    try
                    {
                        return Key.Open(changed).Checkpoint.IsSameTree(Tree);
                    }
                    catch (CheckpointException)
                    {
                        return true;
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void A_checkpoint_of_another_key_or_another_log_is_refused()
    {
        var note = Key.Sign(Tree, Seed, Now);
        byte[] otherSeed = [.. Seed.Reverse()];

        Should.Throw<CheckpointException>(() => new CheckpointKey(Key.Name, Ed25519.PublicKey(otherSeed)).Open(note));
        Should.Throw<CheckpointException>(() => new CheckpointKey("tenet/audit/other", Ed25519.PublicKey(Seed)).Open(note));
        Should
            .Throw<CheckpointException>(() => Key.Open(Key.Sign(Tree with { Origin = "tenet/audit/other" }, Seed, Now)))
            .Message.ShouldContain("another log");
    }

    [Theory]
    [InlineData("a\n01\nAAAA\n")]
    [InlineData("a\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("a\n+1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("a\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("a\n1\nnot base64\n")]
    [InlineData("a\n1\nAAAA\n")]
    [InlineData("a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nx\n")]
    [InlineData("a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    public void What_is_no_checkpoint_is_refused(string text) => Should.Throw<FormatException>(() => Checkpoint.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("a+b+c")]
    [InlineData("tenet/audit/lab+00000000+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f")]
    [InlineData("one two+00000000+AQ==")]
    public void What_is_no_key_is_refused(string text) => Should.Throw<FormatException>(() => CheckpointKey.Parse(text));

    [Fact]
    public void Every_note_is_read_as_it_was_written() =>
        Prop.ForAll<NonEmptyString, byte[]>(
                (text, signature) =>
                {
                    var clean = new string([.. text.Get.Where(c => c >= ' ' && !char.IsSurrogate(c))]) + "\n";
                    var note = new SignedNote(clean, [new NoteSignature("a.example/x", 7, [.. signature ?? [], 1])]);
                    var read = SignedNote.Parse(note.ToString());
                    return read.Text == clean && read.ToString() == note.ToString();
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_in_a_text_breaks_the_parser()
    {
        var pieces = Gen.Elements(
            "\n",
            "\n\n",
            "— ",
            "a",
            " ",
            "AAAAAAA=",
            "+",
            "\u0000",
            "\ud800",
            "é",
            "42",
            Convert.ToBase64String(Seed)
        );
        Prop.ForAll(
                pieces.ArrayOf().Select(string.Concat).ToArbitrary(),
                text =>
                {
                    try
                    {
                        return SignedNote.Parse(text).ToString() == text;
                    }
                    catch (FormatException)
                    {
                        return true;
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        Should.Throw<FormatException>(() => SignedNote.Parse(new string('a', 200_000) + "\n\n— a AAAAAAA=\n"));
        Encoding.UTF8.GetByteCount(Key.Sign(Tree, Seed, Now)).ShouldBeLessThan(1000);
    }
}
