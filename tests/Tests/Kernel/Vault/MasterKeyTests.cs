using Shouldly;
using Tenet.Kernel.Vault;
using Xunit;

namespace Tenet.Tests.Kernel.Vault;

public sealed class MasterKeyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-key-");

    private string KeyFile => Path.Combine(_folder.FullName, "keys", "master.key");

    [Fact]
    public void A_new_key_can_be_read_by_its_owner_only_and_stays_the_same()
    {
        var made = MasterKey.FromFile(KeyFile, create: true).FirstRoot();

        File.GetUnixFileMode(KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        MasterKey.FromFile(KeyFile, create: true).FirstRoot().ShouldBe(made);
    }

    [Fact]
    public void A_missing_key_is_refused_where_one_must_exist()
    {
        Should.Throw<InvalidOperationException>(() => MasterKey.FromFile(KeyFile, create: false)).Message.ShouldContain("is missing");
        File.Exists(KeyFile).ShouldBeFalse();
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_that_others_can_reach_is_refused(UnixFileMode others)
    {
        MasterKey.FromFile(KeyFile, create: true);
        File.SetUnixFileMode(KeyFile, File.GetUnixFileMode(KeyFile) | others);

        Should.Throw<InvalidOperationException>(() => MasterKey.FromFile(KeyFile, create: true)).Message.ShouldContain("chmod 600");
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("not hexadecimal")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000000000")]
    public void A_key_of_the_wrong_size_is_refused_and_left_as_it_is(string text)
    {
        MasterKey.FromFile(KeyFile, create: true);
        File.WriteAllText(KeyFile, text);

        Should
            .Throw<InvalidOperationException>(() => MasterKey.FromFile(KeyFile, create: true))
            .Message.ShouldContain("64 hexadecimal digits");
        File.ReadAllText(KeyFile).ShouldBe(text);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
