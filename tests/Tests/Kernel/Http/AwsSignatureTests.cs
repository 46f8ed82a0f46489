using Shouldly;
using Tenet.Kernel.Http;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

/// <summary>The worked examples of Amazon's own documentation of Signature Version 4 for S3.</summary>
public sealed class AwsSignatureTests
{
    private static readonly AwsCredentials Example = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    private static readonly DateTimeOffset Day = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Reading_a_range_of_an_object_is_signed_as_documented()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://examplebucket.s3.amazonaws.com/test.txt");
        request.Headers.TryAddWithoutValidation("Range", "bytes=0-9");

        Sign(request).ShouldBe("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    }

    [Fact]
    public void Listing_a_bucket_is_signed_as_documented()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");

        Sign(request).ShouldBe("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
    }

    [Fact]
    public void Writing_an_object_is_signed_as_documented()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "https://examplebucket.s3.amazonaws.com/test%24file.text");
        request.Headers.TryAddWithoutValidation("Date", "Fri, 24 May 2013 00:00:00 GMT");
        request.Headers.TryAddWithoutValidation("x-amz-storage-class", "REDUCED_REDUNDANCY");

        Sign(request, "Welcome to Amazon S3."u8).ShouldBe("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    }

    [Fact]
    public void Neither_the_secret_nor_the_token_is_ever_written_out()
    {
        (Example with { SessionToken = "tokentext" }).ToString().ShouldBe("AwsCredentials AKIAIOSFODNN7EXAMPLE");
    }

    private static string Sign(HttpRequestMessage request, ReadOnlySpan<byte> body = default)
    {
        AwsSignature.Sign(request, body, "s3", "us-east-1", Example, Day);
        return request.Headers.GetValues("Authorization").Single().Split("Signature=")[1];
    }
}
