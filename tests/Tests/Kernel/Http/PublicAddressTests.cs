using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Tenet.Kernel.Http;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("93.184.215.14")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2606:2800:21f:cb07:6820:80da:af6b:8b2c")]
    [InlineData("2a00:1450:4001:831::200e")]
    public void A_public_address_is_called(string address) => PublicAddress.Is(IPAddress.Parse(address)).ShouldBeTrue();

    [Theory]
    [InlineData("0.0.0.0", "this host")]
    [InlineData("0.1.2.3", "this network")]
    [InlineData("10.0.0.1", "private")]
    [InlineData("172.16.0.1", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.168.1.1", "private")]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("127.255.255.254", "loopback")]
    [InlineData("169.254.1.1", "link-local")]
    [InlineData("169.254.169.254", "metadata of AWS, Google, Azure")]
    [InlineData("168.63.129.16", "metadata of Azure, on a public address")]
    [InlineData("100.100.100.200", "metadata of Alibaba, in CGNAT")]
    [InlineData("192.0.0.192", "metadata of Oracle")]
    [InlineData("100.64.0.1", "CGNAT")]
    [InlineData("100.127.255.255", "CGNAT")]
    [InlineData("192.0.2.1", "documentation")]
    [InlineData("198.18.0.1", "benchmarks")]
    [InlineData("198.51.100.1", "documentation")]
    [InlineData("203.0.113.1", "documentation")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("240.0.0.1", "reserved")]
    [InlineData("255.255.255.255", "broadcast")]
    [InlineData("::", "unspecified")]
    [InlineData("::1", "loopback")]
    [InlineData("::127.0.0.1", "IPv4-compatible")]
    [InlineData("::ffff:127.0.0.1", "IPv4-mapped")]
    [InlineData("::ffff:169.254.169.254", "IPv4-mapped")]
    [InlineData("::ffff:0:127.0.0.1", "IPv4-translated")]
    [InlineData("64:ff9b::7f00:1", "NAT64")]
    [InlineData("64:ff9b::808:808", "NAT64")]
    [InlineData("64:ff9b:1::a00:1", "local NAT64")]
    [InlineData("2002:7f00:1::", "6to4")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo")]
    [InlineData("2001:db8::1", "documentation")]
    [InlineData("3fff::1", "documentation")]
    [InlineData("fc00::1", "unique local")]
    [InlineData("fd00:ec2::254", "metadata of AWS")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("fec0::1", "site-local")]
    [InlineData("ff02::1", "multicast")]
    public void An_address_that_is_not_public_is_refused(string address, string because) =>
        PublicAddress.Is(IPAddress.Parse(address)).ShouldBeFalse(because);

    [Fact]
    public void An_IPv4_address_is_judged_the_same_however_it_is_dressed() =>
        Prop.ForAll<uint>(bits =>
            {
                var bytes = BitConverter.GetBytes(bits);
                var plain = new IPAddress(bytes);
                var mapped = new IPAddress([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, .. bytes]);
                var compatible = new IPAddress([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes]);
                var nat64 = new IPAddress([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes]);
                var sixToFour = new IPAddress([0x20, 0x02, .. bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
                var teredo = new IPAddress([0x20, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes]);
                return PublicAddress.Is(mapped) == PublicAddress.Is(plain)
                    && new[] { compatible, nat64, sixToFour, teredo }.All(address => !PublicAddress.Is(address));
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void No_address_of_a_private_network_is_public() =>
        Prop.ForAll<byte, byte, byte>(
                (a, b, c) =>
                    new byte[][]
                    {
                        [10, a, b, c],
                        [127, a, b, c],
                        [169, 254, a, b],
                        [172, (byte)(16 + (a % 16)), b, c],
                        [192, 168, a, b],
                        [100, (byte)(64 + (a % 64)), b, c],
                    }.All(bytes => !PublicAddress.Is(new IPAddress(bytes)))
            )
            .QuickCheckThrowOnFailure();
}
