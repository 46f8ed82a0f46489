using System.Reflection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Tenet.Tests.Guards;

/// <summary>
/// The message of an exception often quotes what was sent: a log method takes its type and its stack, never the exception. That logging goes
/// through such methods at all is the compiler's matter (CA1848).
/// </summary>
public sealed partial class LogGuardTests
{
    private const BindingFlags All =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void No_log_method_takes_an_exception() => Findings(Product.Types).ShouldBeEmpty();

    [Fact]
    [Trait("Seeded", "an exception given to the log")]
    public void One_that_does_is_found() => Findings([typeof(Careless)]).ShouldBe(["Careless.LogAll logs an exception with its message."]);

    [Fact]
    public void Texts_in_the_log_are_names_that_the_code_gives()
    {
        var named = Product
            .Types.SelectMany(type => type.GetMethods(All))
            .Where(IsLogMethod)
            .SelectMany(method => method.GetParameters())
            .Where(parameter => parameter.ParameterType != typeof(ILogger) && !parameter.ParameterType.IsValueType)
            .Select(parameter => $"{parameter.Name} {parameter.ParameterType.Name}");
        Repository.CompareWithReviewed(named, Repository.ReviewedList("log-texts.txt")).ShouldBeEmpty();
    }

    [Fact]
    public void Log_methods_are_found_at_all() =>
        Product.Types.SelectMany(type => type.GetMethods(All)).Count(IsLogMethod).ShouldBeGreaterThan(10);

    private static IEnumerable<string> Findings(IEnumerable<Type> types) =>
        types
            .SelectMany(type => type.GetMethods(All))
            .Where(method =>
                IsLogMethod(method) && method.GetParameters().Any(parameter => parameter.ParameterType.IsAssignableTo(typeof(Exception)))
            )
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name} logs an exception with its message.");

    private static bool IsLogMethod(MethodInfo method) => method.IsDefined(typeof(LoggerMessageAttribute));

    private static partial class Careless
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Something failed")]
        public static partial void LogAll(ILogger logger, Exception exception);
    }
}
