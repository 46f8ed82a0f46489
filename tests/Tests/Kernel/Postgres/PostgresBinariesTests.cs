using Shouldly;
using Tenet.Kernel.Postgres;
using Xunit;

namespace Tenet.Tests.Kernel.Postgres;

public sealed class PostgresBinariesTests
{
    [Theory]
    [InlineData("pg_ctl (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", 15)]
    [InlineData("pg_ctl (PostgreSQL) 18beta2", 18)]
    [InlineData("something else 9", null)]
    [InlineData("", null)]
    public void The_major_version_is_read_from_the_programs_answer(string answer, int? major) =>
        PostgresBinaries.ParseMajor(answer).ShouldBe(major);

    [Fact]
    public void A_version_that_is_not_installed_is_named_with_what_to_do() =>
        Should.Throw<PrivateClusterException>(() => PostgresBinaries.Find(14)).Message.ShouldContain("Install postgresql-14");
}
